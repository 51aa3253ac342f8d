/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-deflate-params-private.h"

#include "sio-types.h"

static void
test_E87_taken (void)
{
  SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_true (sio_deflate_params_take (&params, "server_no_context_takeover", NULL, &error));
  g_assert_true (params.server_no_context_takeover);
  g_assert_false (params.client_no_context_takeover);
  g_assert_true (sio_deflate_params_take (&params, "Client_No_Context_Takeover", NULL, &error));
  g_assert_true (params.client_no_context_takeover);
  g_assert_true (sio_deflate_params_take (&params, "server_max_window_bits", "8", &error));
  g_assert_cmpuint (params.server_max_window_bits, ==, 8);
  g_assert_cmpuint (params.client_max_window_bits, ==, 15);
  g_assert_true (sio_deflate_params_take (&params, "client_max_window_bits", "10", &error));
  g_assert_cmpuint (params.client_max_window_bits, ==, 10);
  g_assert_true (sio_deflate_params_take (&params, "client_max_window_bits", "15", &error));
  g_assert_cmpuint (params.client_max_window_bits, ==, 15);
  g_assert_no_error (error);
}

static void
test_E87_refused (void)
{
  static const struct
  {
    const char *name;
    const char *value;
  } cases[] = {
    { "server_no_context_takeover", "" }, { "client_no_context_takeover", "1" },
    { "server_max_window_bits", NULL },   { "client_max_window_bits", NULL },
    { "server_max_window_bits", "" },     { "server_max_window_bits", "7" },
    { "server_max_window_bits", "16" },   { "server_max_window_bits", "08" },
    { "server_max_window_bits", "-8" },   { "server_max_window_bits", "+9" },
    { "server_max_window_bits", " 9" },   { "server_max_window_bits", "9 " },
    { "client_max_window_bits", "1e1" },  { "client_max_window_bits", "4294967304" },
    { "something_else", NULL },           { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
      g_autoptr (GError) error = NULL;

      g_assert_false (sio_deflate_params_take (&params, cases[i].name, cases[i].value, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/deflate-params/E87/taken", test_E87_taken);
  g_test_add_func ("/deflate-params/E87/refused", test_E87_refused);

  return g_test_run ();
}
