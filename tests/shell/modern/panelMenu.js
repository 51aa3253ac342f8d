// SPDX-License-Identifier: LGPL-2.1-or-later
export const Button = imports.ui.panelMenu.Button;
