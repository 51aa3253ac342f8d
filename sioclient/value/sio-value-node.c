/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"

#include "json/sio-json-writer-private.h"
#include "value/sio-builder-private.h"
#include "value/sio-document-private.h"
#include "value/sio-members-private.h"

#include <string.h>

/* From nodes and to nodes: JSON-GLib's view of a value. */

static void write_node (SioBuilder *builder, JsonNode *node);

static void
write_array (SioBuilder *builder, JsonArray *array)
{
  guint length = json_array_get_length (array);
  guint i;

  g_string_append_c (builder->json, '[');
  for (i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (builder->json, ',');
      write_node (builder, json_array_get_element (array, i));
    }
  g_string_append_c (builder->json, ']');
}

static void
write_object (SioBuilder *builder, JsonObject *object)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;
  gboolean first = TRUE;

  g_string_append_c (builder->json, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      gsize length = builder->json->len;

      if (!first)
        g_string_append_c (builder->json, ',');
      if (!sio_json_write_string (builder->json, name, strlen (name)))
        {
          g_string_truncate (builder->json, length);
          sio_builder_complain (builder, "the name of a member is not UTF-8");
          continue;
        }
      g_string_append_c (builder->json, ':');
      write_node (builder, member);
      first = FALSE;
    }
  g_string_append_c (builder->json, '}');
}

static void
write_scalar (SioBuilder *builder, JsonNode *node)
{
  GType type = json_node_get_value_type (node);
  const char *string = type == G_TYPE_STRING ? json_node_get_string (node) : NULL;

  if (type == G_TYPE_INT64)
    sio_json_write_integer (builder->json, json_node_get_int (node));
  else if (type == G_TYPE_DOUBLE)
    sio_json_write_double (builder->json, json_node_get_double (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (builder->json, json_node_get_boolean (node) ? "true" : "false");
  else if (string != NULL)
    sio_builder_write_string (builder, string, strlen (string));
  else
    g_string_append (builder->json, "null");
}

static void
write_node (SioBuilder *builder, JsonNode *node)
{
  JsonNodeType type = node != NULL ? json_node_get_node_type (node) : JSON_NODE_NULL;

  if (type == JSON_NODE_VALUE)
    {
      write_scalar (builder, node);
    }
  else if (type == JSON_NODE_ARRAY && json_node_get_array (node) != NULL)
    {
      if (!sio_builder_enter (builder))
        return;
      write_array (builder, json_node_get_array (node));
      sio_builder_leave (builder);
    }
  else if (type == JSON_NODE_OBJECT && json_node_get_object (node) != NULL)
    {
      if (!sio_builder_enter (builder))
        return;
      write_object (builder, json_node_get_object (node));
      sio_builder_leave (builder);
    }
  else
    {
      g_string_append (builder->json, "null");
    }
}

/**
 * sio_value_new_from_node: (constructor)
 * @node: (nullable): a JSON-GLib node
 *
 * Makes a value of a JSON-GLib node.
 *
 * Numbers that are not finite become null. Nodes hold no binary data: an object
 * that looks like a placeholder for it is an ordinary object here.
 *
 * Text that is not UTF-8, and nodes in more than 512 others, are a programmer's
 * error and become null.
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_from_node (JsonNode *node)
{
  SioBuilder builder;

  sio_builder_init (&builder);
  write_node (&builder, node);
  return sio_builder_end (&builder);
}

/* What goes down the tree while nodes are made. */
typedef struct
{
  SioDocument *document;
  GString *scratch;
  guint n_attachments;
} SioNodeMaker;

static JsonNode *make_node (SioNodeMaker *maker, guint32 token);

/* Valid until the next one is asked for. */
static const char *
unescape (SioNodeMaker *maker, const SioJsonToken *token)
{
  g_string_set_size (maker->scratch, token->end - token->start);
  sio_json_token_unescape_shown (token, maker->document->text, maker->scratch->str);
  return maker->scratch->str;
}

static JsonNode *
make_array (SioNodeMaker *maker, guint32 token)
{
  const SioJsonToken *tokens = sio_document_get_tokens (maker->document);
  guint count = tokens[token].count;
  JsonArray *array = json_array_sized_new (count);
  JsonNode *node;

  for (token++; count > 0; count--)
    {
      json_array_add_element (array, make_node (maker, token));
      token += tokens[token].span;
    }

  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
make_object (SioNodeMaker *maker, guint32 token)
{
  g_autofree SioMembers *members = sio_members_new (maker->document, token);
  JsonObject *object = json_object_new ();
  JsonNode *node;
  guint i;

  for (i = 0; i < members->n_members; i++)
    {
      const SioMember *member = &members->members[i];
      g_autofree char *name = NULL;

      if (sio_members_hides (members, member))
        continue;
      name = sio_member_dup_name (member);
      json_object_set_member (object, name, make_node (maker, member->value));
    }

  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
make_placeholder (SioNodeMaker *maker)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_boolean_member (object, "_placeholder", TRUE);
  json_object_set_int_member (object, "num", maker->n_attachments++);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
make_number (SioNodeMaker *maker, const SioJsonToken *token)
{
  const char *text = maker->document->text;
  gint64 integer;

  if (sio_json_token_get_integer (token, text, &integer))
    return json_node_init_int (json_node_alloc (), integer);
  return json_node_init_double (json_node_alloc (), sio_json_token_get_double (token, text));
}

static JsonNode *
make_node (SioNodeMaker *maker, guint32 token)
{
  const SioJsonToken *one = &sio_document_get_tokens (maker->document)[token];

  switch ((SioJsonKind) one->kind)
    {
    case SIO_JSON_FALSE:
    case SIO_JSON_TRUE:
      return json_node_init_boolean (json_node_alloc (), one->kind == SIO_JSON_TRUE);
    case SIO_JSON_NUMBER:
      return make_number (maker, one);
    case SIO_JSON_STRING:
      return json_node_init_string (json_node_alloc (), unescape (maker, one));
    case SIO_JSON_ARRAY:
      return make_array (maker, token);
    case SIO_JSON_OBJECT:
      return make_object (maker, token);
    case SIO_JSON_ATTACHMENT:
      return make_placeholder (maker);
    case SIO_JSON_NULL:
    default:
      return json_node_new (JSON_NODE_NULL);
    }
}

/**
 * sio_value_to_node:
 * @value: (nullable): a value
 *
 * Makes a JSON-GLib node.
 *
 * Binary parts become placeholders as in [method@Value.to_json]. A text, and the
 * name of a member, ends at its first NUL. A number beyond the range of doubles is
 * infinite in the node, which JSON-GLib can't write as JSON.
 *
 * This makes a copy of everything; to read a few members the functions of
 * [struct@Value] are faster.
 *
 * Returns: (transfer full): a node
 */
JsonNode *
sio_value_to_node (SioValue *value)
{
  SioNodeMaker maker = { 0 };
  JsonNode *node;

  if (value == NULL)
    return json_node_new (JSON_NODE_NULL);

  maker.document = value->document;
  maker.scratch = g_string_new (NULL);
  node = make_node (&maker, value->token);
  g_string_free (maker.scratch, TRUE);
  return node;
}
