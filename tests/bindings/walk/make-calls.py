#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a call in C of every function that the GIR file knows, with arguments that walk.c makes up.

    make-calls.py Sio-1.0.gir calls.c

So a new function is walked without anybody thinking of it. It fails for a parameter of a type that nobody
has taught it, and for a function in NOT_WALKED that is not there any more.
"""

import sys
import xml.etree.ElementTree as ET

CORE = '{http://www.gtk.org/introspection/core/1.0}'
NS_C = '{http://www.gtk.org/introspection/c/1.0}'

# What cannot be called with arguments that are made up, and why.
NOT_WALKED = {
    'sio_manager_open_finish': 'takes the result of its own beginning: walked with sio_manager_open_async',
    'sio_socket_emit_with_ack_finish': 'takes the result of its own beginning: walked with the other half',
    'sio_event_unpack': 'as many arguments as the format says: tests/unit/test-event.c',
    'sio_value_unpack': 'as many arguments as the format says: tests/unit/test-value-unpack.c',
}

NUMBERS = {'gboolean', 'gint', 'guint', 'gint64', 'guint64', 'gulong', 'gsize', 'gdouble'}
# Type in the GIR: in C, and what makes one.
POINTERS = {
    'utf8': ('const char *', 'walk_string'),
    'Engine': ('SioEngine *', 'walk_engine'),
    'Manager': ('SioManager *', 'walk_manager'),
    'Options': ('SioOptions *', 'walk_options'),
    'Socket': ('SioSocket *', 'walk_socket'),
    'AuthRequest': ('SioAuthRequest *', 'walk_request'),
    'Event': ('SioEvent *', 'walk_event'),
    'Notice': ('SioNotice *', 'walk_notice'),
    'Value': ('SioValue *', 'walk_value'),
    'GLib.Bytes': ('GBytes *', 'walk_bytes'),
    'GLib.Error': ('GError *', 'walk_error'),
    'GLib.Variant': ('GVariant *', 'walk_variant'),
    'Json.Node': ('JsonNode *', 'walk_node'),
    'Gio.Cancellable': ('GCancellable *', 'walk_cancellable'),
    'GObject.Object': ('GObject *', 'walk_target'),
    'AuthFunc': ('SioAuthFunc', 'walk_auth_func'),
    'AckFunc': ('SioAckFunc', 'walk_ack_func'),
    'EventFunc': ('SioEventFunc', 'walk_event_func'),
    'Gio.AsyncReadyCallback': ('GAsyncReadyCallback', 'walk_ready_func'),
    'GLib.DestroyNotify': ('GDestroyNotify', 'walk_destroy_func'),
}
ARRAYS = {'Value': ('SioValue **', 'walk_values'), 'GLib.Bytes': ('GBytes **', 'walk_several_bytes')}
CLASSES = ('Engine', 'Manager', 'Options', 'Socket')
# A result that belongs to the caller.
FREE = {'utf8': 'g_free', 'GLib.Bytes': 'g_bytes_unref', 'Json.Node': 'json_node_unref', 'Value': 'sio_value_unref',
        'Event': 'sio_event_unref', 'Notice': 'sio_notice_unref', 'AuthRequest': 'sio_auth_request_unref',
        'GLib.Variant': 'g_variant_unref'}


def type_of(element):
    array = element.find(CORE + 'array')
    return (array if array is not None else element).find(CORE + 'type').get('name')


class Call:
    """One function."""

    def __init__(self, function):
        self.name = function.get(NS_C + 'identifier')
        self.throws = function.get('throws') == '1'
        self.result = function.find(CORE + 'return-value')
        parameters = function.find(CORE + 'parameters')
        self.parameters = list(parameters) if parameters is not None else []
        self.receiver = None
        if self.parameters and self.parameters[0].tag == CORE + 'instance-parameter':
            self.receiver = type_of(self.parameters[0])
        self.pointers = self.nullables = 0
        self.given = ''

    def argument(self, index, parameter):
        """How it is declared, and how it is handed over."""
        variable = f'a{index}'
        if parameter.find(CORE + 'varargs') is not None:
            return None, None
        kind = type_of(parameter)
        if parameter.get('direction') == 'out':
            self.pointers |= 1 << index
            declared = parameter.find(CORE + 'array')
            declared = (declared if declared is not None else parameter.find(CORE + 'type')).get(NS_C + 'type')
            held = declared[:-1]
            return (f'  {held} o{index} = 0;\n  {declared} {variable} = walk_out (walk, {index}, &o{index});\n', variable)
        nullable = parameter.get('nullable') == '1' or kind == 'GLib.DestroyNotify'
        if kind == 'gpointer':
            return f'  gpointer {variable} = walk_data (walk);\n', variable
        if kind in NUMBERS:
            return f'  {kind} {variable} = walk_number_{kind} (walk, "{parameter.get("name")}");\n', variable
        array = parameter.find(CORE + 'array')
        known = (ARRAYS if array is not None else POINTERS).get(kind)
        if known is None:
            kinds = {'DisconnectReason': 'SioDisconnectReason'}
            if kind not in kinds:
                sys.exit(f'{self.name}: no value of type {kind} is known')
            return f'  {kinds[kind]} {variable} = ({kinds[kind]}) walk_number_gint (walk, "{kind}");\n', variable
        self.pointers |= 1 << index
        self.nullables |= nullable << index
        in_c, maker = known
        given = parameter.get('transfer-ownership') == 'full' or (index == 0 and self.name.endswith('_unref'))
        name = f', "{parameter.get("name")}"' if kind == 'utf8' else ''
        space = '' if in_c.endswith('*') else ' '
        text = f'  {in_c}{space}{variable} = {maker} (walk, {index}{name});\n'
        if given and kind in FREE:
            self.given += f'  if ({variable} != NULL)\n    {FREE[kind].replace("unref", "ref")} ({variable});\n'
        return text, variable

    def write(self, out):
        arguments, declarations = [], ''
        for index, parameter in enumerate(self.parameters):
            declaration, variable = self.argument(index, parameter)
            if variable is not None:
                declarations += declaration
                arguments.append(variable)
        if self.throws:
            declarations += '  g_autoptr (GError) error = NULL;\n'
            arguments.append('&error')
        call = f'{self.name} ({", ".join(arguments)})'
        owned = self.result.get('transfer-ownership') == 'full'
        kind = type_of(self.result) if owned else None
        if kind in CLASSES:
            call = f'walk_drop ({call})'
        elif owned and self.result.find(CORE + 'array') is not None:
            call = f'g_free ({call})' if kind == 'gulong' else f'g_strfreev ({call})'
        elif owned and kind in FREE:
            in_c = POINTERS[kind][0].replace('const ', '')
            declarations += f'  {in_c}result;\n'
            call = f'result = {call};\n  if (result != NULL)\n    {FREE[kind]} (result)'
        for index, parameter in enumerate(self.parameters):
            if parameter.get('direction') == 'out' and parameter.get('transfer-ownership') == 'full' and \
                    parameter.find(CORE + 'array') is not None:
                call += f';\n  if (o{index} != NULL)\n    g_ptr_array_unref (o{index})'
        out.write(f'static void\ncall_{self.name} (Walk *walk)\n{{\n{declarations}\n{self.given}  {call};\n}}\n\n')

    def entry(self):
        receiver = f'"{self.receiver}"' if self.receiver in CLASSES else 'NULL'
        return f'  {{ "{self.name}", call_{self.name}, {receiver}, {self.pointers:#x}, {self.nullables:#x} }},\n'


def main():
    namespace = ET.parse(sys.argv[1]).getroot().find(CORE + 'namespace')
    calls, classes = {}, []
    for element in namespace:
        if element.tag == CORE + 'class':
            classes.append(element.get(f'{{http://www.gtk.org/introspection/glib/1.0}}get-type'))
        kinds = (CORE + 'method', CORE + 'function', CORE + 'constructor')
        for function in ([element] if element.tag in kinds else []) + [f for f in element if f.tag in kinds]:
            calls[function.get(NS_C + 'identifier')] = Call(function)

    for name in NOT_WALKED:
        if name not in calls:
            sys.exit(f'{name} is not there any more')
        del calls[name]

    with open(sys.argv[2], 'w', encoding='utf-8') as out:
        out.write('/* Made by make-calls.py. */\n#include "walk.h"\n\n')
        for call in calls.values():
            call.write(out)
        out.write('const WalkCall walk_calls[] = {\n')
        for call in calls.values():
            out.write(call.entry())
        out.write('  { NULL, NULL, NULL, 0, 0 },\n};\n\n')
        out.write('GType (*const walk_classes[]) (void) = {\n')
        for get_type in classes:
            out.write(f'  {get_type},\n')
        out.write('  NULL,\n};\n')


main()
