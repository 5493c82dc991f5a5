# Tracing on the machine: the unit test, and a trace with real interrupts, which
# is read out of the emulator and converted.

if(TARGET suite_checked)
  async_firmware_twin(traced ASYNC_TRACE=1)
  async_suite_support(traced)
  async_suite_test(traced "" trace)
endif()

find_package(Python3 3.7 COMPONENTS Interpreter)
if(async_target STREQUAL cortex_m3 AND Python3_FOUND)
  async_systick_twin(systick_traced ASYNC_TRACE=1
    ASYNC_TIMESTAMPS_PER_SECOND=25000000)
  async_firmware(traced LIBRARY async_systick_traced
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/traced.c)
  add_test(NAME trace.interrupts
    COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/check_traced.py
      ${async_root}/src/trace/async-trace.py $<TARGET_FILE:traced>
      ${CMAKE_CROSSCOMPILING_EMULATOR})
  set_tests_properties(trace.interrupts PROPERTIES LABELS firmware TIMEOUT 120)
endif()

# Timestamps that docs/reference/timestamp.md shows; only compiled.
set(timestamps ${async_root}/docs/examples/firmware/timestamps)
if(async_target MATCHES "^cortex_m33?$")
  set(timestamp_sources ${timestamps}/dwt.c ${timestamps}/systick.c)
elseif(async_board STREQUAL cortex_m)
  set(timestamp_sources ${timestamps}/systick.c)
elseif(async_board STREQUAL riscv)
  set(timestamp_sources ${timestamps}/riscv.c)
else()
  set(timestamp_sources ${timestamps}/timer1.c)
endif()
add_library(timestamps OBJECT ${timestamp_sources})
target_link_libraries(timestamps PRIVATE async_checked)
target_compile_options(timestamps PRIVATE ${async_warnings})
