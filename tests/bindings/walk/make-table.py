#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes down what the GIR file knows of methods, for languages that have no reader of XML.

    make-table.py Sio-1.0.gir table.json

Each is {class, name, parameters: [{name, type, nullable}]}, without what a language adds by itself: lengths
of arrays, data of callbacks, what goes out.
"""

import json
import sys
import xml.etree.ElementTree as ET

CORE = '{http://www.gtk.org/introspection/core/1.0}'


def parameters_of(function):
    all_of_them = function.find(CORE + 'parameters')
    if all_of_them is None:
        return []
    listed = [p for p in all_of_them if p.tag == CORE + 'parameter']
    implied = set()
    for parameter in listed:
        array = parameter.find(CORE + 'array')
        if array is not None and array.get('length'):
            implied.add(int(array.get('length')))
        for role in ('closure', 'destroy'):
            if parameter.get(role) and parameter.find(CORE + 'type').get('name') != 'gpointer':
                implied.add(int(parameter.get(role)))
    out = []
    for index, parameter in enumerate(listed):
        if index in implied or parameter.get('direction') == 'out':
            continue
        array = parameter.find(CORE + 'array')
        kind = (array if array is not None else parameter).find(CORE + 'type').get('name')
        out.append({'name': parameter.get('name'), 'type': kind + ('[]' if array is not None else ''),
                    'nullable': parameter.get('nullable') == '1'})
    return out


def main():
    namespace = ET.parse(sys.argv[1]).getroot().find(CORE + 'namespace')
    table = []
    for element in namespace:
        if element.tag == CORE + 'function' and element.get('introspectable') != '0' and not element.get('moved-to'):
            table.append({'class': None, 'name': element.get('name'), 'static': True,
                          'parameters': parameters_of(element)})
        for function in element:
            kinds = {CORE + 'method': False, CORE + 'constructor': True, CORE + 'function': True}
            if function.tag in kinds and function.get('introspectable') != '0' and not function.get('moved-to') and \
                    element.tag in (CORE + 'class', CORE + 'record'):
                table.append({'class': element.get('name'), 'name': function.get('shadows') or function.get('name'),
                              'static': kinds[function.tag], 'parameters': parameters_of(function)})
    with open(sys.argv[2], 'w', encoding='utf-8') as out:
        json.dump(table, out, indent=1)


main()
