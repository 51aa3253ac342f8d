/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "value/sio-document-private.h"

G_BEGIN_DECLS

/* The members of an object, each name once, where it first appears, with its last value. A name
 * ends at its first NUL, as it has to in C. One block, freed with g_free(). */

typedef struct
{
  const char *name; /* not NUL-terminated */
  gsize length;
  guint32 value; /* its token */
} SioMember;

typedef struct
{
  guint n_members;
  const guint32 *by_name; /* NULL if there are few */
  SioMember members[];
} SioMembers;

SioMembers *sio_members_new (SioDocument *document, guint32 object);
const SioMember *sio_members_find (const SioMembers *self, const char *name, gsize length);

/* The token of the last value of @name; 0 if there is none. Looks at each member, but makes
 * nothing. */
guint32 sio_members_scan (SioDocument *document, guint32 object, const char *name);

G_END_DECLS
