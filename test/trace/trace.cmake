# Tracing: the ring (test/unit/test_trace.c), the converter, the pictures of the
# documentation, and hooks of a program's own.

set(async_trace_tests ${CMAKE_CURRENT_LIST_DIR})

if(cmocka_FOUND)
  async_add_program(unit_trace traced unit/test_trace.c)
  add_test(NAME unit.trace COMMAND unit_trace)
  set_tests_properties(unit.trace PROPERTIES LABELS unit TIMEOUT 30)

  # A trace changes nothing: other tests, with one that runs.
  foreach(name cancellation group loop posix_irq posix_sleep queue task timeout)
    async_add_program(unit_${name}_while_traced traced unit/test_${name}.c)
    target_sources(unit_${name}_while_traced PRIVATE
      ${async_trace_tests}/start.c)
    add_test(NAME trace.unit.${name} COMMAND unit_${name}_while_traced)
    set_tests_properties(trace.unit.${name} PROPERTIES LABELS unit TIMEOUT 30)
  endforeach()
endif()

foreach(example sensor_bus_traced trace_stream)
  add_executable(example_${example} ${async_root}/docs/examples/${example}.c)
  target_link_libraries(example_${example} PRIVATE async_traced)
  target_compile_options(example_${example} PRIVATE ${async_warnings})
endforeach()

# With times of the PC (docs/reference/timestamp.md), it runs as well.
async_add_twin(timed ${async_sources})
target_compile_definitions(async_timed PUBLIC ASYNC_TRACE=1
  ASYNC_TIMESTAMPS_PER_SECOND=1000000000)
add_executable(example_timed
  ${async_root}/docs/examples/sensor_bus_traced.c
  ${async_root}/docs/examples/timestamp_posix.c)
target_link_libraries(example_timed PRIVATE async_timed)
target_compile_options(example_timed PRIVATE ${async_warnings})

find_package(Python3 3.7 COMPONENTS Interpreter)
if(Python3_FOUND)
  set(async_not_gcc)
  if(NOT CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(async_not_gcc --not-gcc)
  endif()
  add_test(NAME trace.converter
    COMMAND ${Python3_EXECUTABLE} -B ${async_trace_tests}/test_converter.py
      $<TARGET_FILE:example_sensor_bus_traced>
      $<TARGET_FILE:example_trace_stream>
      $<TARGET_FILE:example_timed>
      ${async_not_gcc})
  set_tests_properties(trace.converter PROPERTIES LABELS example TIMEOUT 120)
endif()

# Hooks of a program's own, as docs/reference/trace.md shows them.
async_add_twin(hooked ${async_sources})
target_include_directories(async_hooked PUBLIC ${async_root}/docs/examples)
target_compile_definitions(async_hooked PUBLIC
  ASYNC_HOOKS_HEADER="task_pins.h")
add_executable(example_task_pins ${async_root}/docs/examples/task_pins.c)
target_link_libraries(example_task_pins PRIVATE async_hooked)
target_compile_options(example_task_pins PRIVATE ${async_warnings})
add_test(NAME trace.hooks
  COMMAND sh ${async_trace_tests}/../examples/check_page.sh
    ${async_root}/docs/reference/trace.md task_pins
    $<TARGET_FILE:example_task_pins>)
set_tests_properties(trace.hooks PROPERTIES LABELS example TIMEOUT 60)
