/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(SIO_INSIDE) && !defined(SIO_COMPILATION)
#error "Only <sioclient/sio.h> can be included directly."
#endif

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "sio-types.h"

G_BEGIN_DECLS

/* clang-format off */

/**
 * SioValueKind:
 * @SIO_VALUE_NULL: null, and what is absent
 * @SIO_VALUE_BOOLEAN: true or false
 * @SIO_VALUE_INTEGER: a number written without fraction or exponent that fits 64 bits
 * @SIO_VALUE_DOUBLE: any other number
 * @SIO_VALUE_STRING: text
 * @SIO_VALUE_BYTES: binary data
 * @SIO_VALUE_ARRAY: a list of values
 * @SIO_VALUE_OBJECT: named values, in the order in which they came
 *
 * What a [struct@Value] holds.
 */
typedef enum {
  SIO_VALUE_NULL,
  SIO_VALUE_BOOLEAN,
  SIO_VALUE_INTEGER,
  SIO_VALUE_DOUBLE,
  SIO_VALUE_STRING,
  SIO_VALUE_BYTES,
  SIO_VALUE_ARRAY,
  SIO_VALUE_OBJECT,
} SioValueKind;

/**
 * SioValue: (ref-func sio_value_ref) (unref-func sio_value_unref)
 *
 * An immutable value that Socket.IO can carry. Reading never fails: what is of
 * another kind reads as %NULL, 0 or %FALSE, so that data from a server can be
 * looked at without a check before every step.
 */
#define SIO_TYPE_VALUE (sio_value_get_type ())
SIO_AVAILABLE_IN_1_0
GType         sio_value_get_type         (void) G_GNUC_CONST;

SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_ref              (SioValue *value);
SIO_AVAILABLE_IN_1_0
void          sio_value_unref            (SioValue *value);

SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_null         (void);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_boolean      (gboolean    boolean);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_integer      (gint64      integer);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_number       (double      number);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_string       (const char *string);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_bytes        (GBytes     *bytes);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_array        (SioValue  **elements,
                                          gsize       n_elements);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_from_json    (const char *json,
                                          GBytes    **attachments,
                                          gsize       n_attachments,
                                          GError    **error);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_from_variant (GVariant   *variant);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_new_from_node    (JsonNode   *node);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_args                   (const char *format,
                                          ...);

SIO_AVAILABLE_IN_1_0
SioValueKind  sio_value_get_kind         (SioValue   *value);
SIO_AVAILABLE_IN_1_0
gboolean      sio_value_get_boolean      (SioValue   *value);
SIO_AVAILABLE_IN_1_0
gint64        sio_value_get_integer      (SioValue   *value);
SIO_AVAILABLE_IN_1_0
double        sio_value_get_number       (SioValue   *value);
SIO_AVAILABLE_IN_1_0
const char   *sio_value_get_string       (SioValue   *value);
SIO_AVAILABLE_IN_1_0
GBytes       *sio_value_get_string_bytes (SioValue   *value);
SIO_AVAILABLE_IN_1_0
GBytes       *sio_value_get_bytes        (SioValue   *value);
SIO_AVAILABLE_IN_1_0
guint         sio_value_get_length       (SioValue   *value);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_get_element      (SioValue   *value,
                                          guint       index_);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_get_member       (SioValue   *value,
                                          const char *name);
SIO_AVAILABLE_IN_1_0
char        **sio_value_list_members     (SioValue   *value);
SIO_AVAILABLE_IN_1_0
SioValue     *sio_value_lookup           (SioValue   *value,
                                          const char *pointer);
SIO_AVAILABLE_IN_1_0
gboolean      sio_value_equal            (SioValue   *a,
                                          SioValue   *b);
SIO_AVAILABLE_IN_1_0
char         *sio_value_to_json          (SioValue   *value,
                                          GPtrArray **attachments);
SIO_AVAILABLE_IN_1_0
GVariant     *sio_value_to_variant       (SioValue   *value);
SIO_AVAILABLE_IN_1_0
JsonNode     *sio_value_to_node          (SioValue   *value);
SIO_AVAILABLE_IN_1_0
gboolean      sio_value_unpack           (SioValue   *value,
                                          const char *format,
                                          ...);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioValue, sio_value_unref)

/* clang-format on */

G_END_DECLS
