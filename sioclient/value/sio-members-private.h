/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "value/sio-document-private.h"

G_BEGIN_DECLS

/* The members of an object, each name once, where it first appears, with its last value. A name
 * that has a NUL in it is that of no C string, so no look-up finds it. One block, freed with
 * g_free(). */

typedef struct
{
  const char *name; /* not NUL-terminated */
  gsize length;
  guint32 value;    /* its token */
  gboolean has_nul; /* in its name */
} SioMember;

typedef struct
{
  guint n_members;
  const guint32 *by_name; /* NULL if there are few */
  SioMember members[];
} SioMembers;

SioMembers *sio_members_new (SioDocument *document, guint32 object);
const SioMember *sio_members_find (const SioMembers *self, const char *name, gsize length);

/* The name as a C string, with U+FFFD in place of each NUL. */
char *sio_member_dup_name (const SioMember *self);
/* Whether another member has the name that would be shown for @member. */
gboolean sio_members_hides (const SioMembers *self, const SioMember *member);

/* The token of the last value of @name; 0 if there is none. Looks at each member, but makes
 * nothing. */
guint32 sio_members_scan (SioDocument *document, guint32 object, const char *name);

G_END_DECLS
