# Tracing: the ring (test/unit/test_trace.c), the converter, and the pictures of
# the documentation.

if(cmocka_FOUND)
  async_add_program(unit_trace traced unit/test_trace.c)
  add_test(NAME unit.trace COMMAND unit_trace)
  set_tests_properties(unit.trace PROPERTIES LABELS unit TIMEOUT 30)
endif()
