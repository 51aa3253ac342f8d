/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-types.h"

static void
test_reasons (void)
{
  static const struct
  {
    SioDisconnectReason reason;
    const char *words;
  } table[] = {
    { SIO_DISCONNECT_REASON_IO_SERVER_DISCONNECT, "io server disconnect" },
    { SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT, "io client disconnect" },
    { SIO_DISCONNECT_REASON_PING_TIMEOUT, "ping timeout" },
    { SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, "transport close" },
    { SIO_DISCONNECT_REASON_TRANSPORT_ERROR, "transport error" },
    { SIO_DISCONNECT_REASON_PARSE_ERROR, "parse error" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_assert_cmpint (table[i].reason, ==, i);
      g_assert_cmpstr (sio_disconnect_reason_to_string (table[i].reason), ==, table[i].words);
    }
}

static void
test_reason_out_of_range (void)
{
  g_test_expect_message ("Sio", G_LOG_LEVEL_CRITICAL, "*reached*");
  g_assert_cmpstr (sio_disconnect_reason_to_string ((SioDisconnectReason) 77), ==,
                   "transport error");
  g_test_assert_expected_messages ();
}

static void
test_domain (void)
{
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_REJECTED, "no");

  g_assert_cmpstr (g_quark_to_string (SIO_ERROR), ==, "sio-error-quark");
  g_assert_error (error, SIO_ERROR, SIO_ERROR_REJECTED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/types/S61/reasons", test_reasons);
  g_test_add_func ("/types/reason-out-of-range", test_reason_out_of_range);
  g_test_add_func ("/types/domain", test_domain);

  return g_test_run ();
}
