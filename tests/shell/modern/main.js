// SPDX-License-Identifier: LGPL-2.1-or-later
export const panel = imports.ui.main.panel;
