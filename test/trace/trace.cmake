# Tracing: the ring (test/unit/test_trace.c), the converter, the pictures of the
# documentation, and hooks of a program's own.

set(async_trace_tests ${CMAKE_CURRENT_LIST_DIR})

if(cmocka_FOUND)
  async_add_program(unit_trace traced unit/test_trace.c)
  add_test(NAME unit.trace COMMAND unit_trace)
  set_tests_properties(unit.trace PROPERTIES LABELS unit TIMEOUT 30)
endif()

foreach(example sensor_bus_traced trace_stream)
  add_executable(example_${example} ${async_root}/docs/examples/${example}.c)
  target_link_libraries(example_${example} PRIVATE async_traced)
  target_compile_options(example_${example} PRIVATE ${async_warnings})
endforeach()

find_package(Python3 3.7 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME trace.converter
    COMMAND ${Python3_EXECUTABLE} -B ${async_trace_tests}/test_converter.py
      $<TARGET_FILE:example_sensor_bus_traced>
      $<TARGET_FILE:example_trace_stream>)
  set_tests_properties(trace.converter PROPERTIES LABELS example TIMEOUT 120)
endif()
