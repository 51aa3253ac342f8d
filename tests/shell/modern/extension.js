// SPDX-License-Identifier: LGPL-2.1-or-later
import Gio from 'gi://Gio';

export class Extension {
    constructor(metadata) {
        this.metadata = metadata;
        this.uuid = metadata.uuid;
        this.dir = metadata.dir;
        this.path = metadata.dir.get_path();
    }

    getSettings() {
        const {SettingsSchemaSource} = Gio;
        const source = SettingsSchemaSource.new_from_directory(`${this.path}/schemas`, SettingsSchemaSource.get_default(), false);

        return new Gio.Settings({settings_schema: source.lookup(this.metadata['settings-schema'], true)});
    }
}
