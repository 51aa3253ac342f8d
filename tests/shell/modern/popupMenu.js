// SPDX-License-Identifier: LGPL-2.1-or-later
export const {PopupBaseMenuItem, PopupSeparatorMenuItem} = imports.ui.popupMenu;
