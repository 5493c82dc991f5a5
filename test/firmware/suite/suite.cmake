# The unit tests of the host, from the same sources, on the machine: one image
# for a file.

# --- What runs where ---------------------------------------------------------

# Not posix_clock, posix_fd, posix_irq and posix_sleep, which test the port to
# PCs; and not print, which needs regular expressions and temporary files
# (report compares what it prints).
set(suite_tests all_tasks barrier callback cancellation condition coroutine
  counter_clock event forgotten future generator group line lock loop pubsub
  queue report rwlock semaphore shield signal stream task tick_clock ticker
  time timeout try unwind version virtual_clock wait watch watchdog
  with)

# A dump is compared as a whole, with the names, which AVR leaves out.
if(NOT async_target STREQUAL avr)
  list(APPEND suite_tests dump)
endif()

# These set an interrupt off in the middle of a call: where it opens the lock.
# The simulated interrupts of a PC wait for that; a real one comes at once. The
# tests of test/interleave do it on machines.
set(suite_cases_left_out
  an_interrupt_in_the_middle_takes_no_waiter_away
  an_interrupt_in_the_middle_of_a_publish_adds_a_message
  an_interrupt_in_the_middle_of_a_set_wakes_nobody_twice
  what_an_interrupt_sends_after_the_wait_is_taken)

if(async_target MATCHES "^(cortex_m0|avr)$")
  # 65535 items take more RAM than there is.
  list(APPEND suite_cases_left_out
    a_queue_may_hold_65535_items
    a_priority_queue_may_hold_65535_items
    an_array_above_65535_is_used_in_part)
endif()

# --- Support -----------------------------------------------------------------

set(support ${CMAKE_CURRENT_SOURCE_DIR}/support)
set(suite_definitions ASYNC_DIAGNOSTICS=2)
set(suite_options)
if(async_target STREQUAL cortex_m0)
  list(APPEND suite_definitions TEST_ROOM=16 TRACE_SIZE=1024 REPORTS_MAX=32
    REPORT_TEXTS=1024)
elseif(async_target STREQUAL avr)
  set(suite_definitions TEST_ROOM=8 TEST_SLOW=1 TRACE_SIZE=1024 REPORTS_MAX=16
    REPORT_TEXTS=2)
  # avr-gcc 5.4 warns of what later ones find right, and of comparisons that
  # are constant because an int has 16 bits.
  set(suite_options -Wno-missing-field-initializers -Wno-type-limits
    -Wno-unused-value -Wno-conversion -Wno-sign-conversion)
endif()

# suite_<variant>: what the tests link, with the library async_<variant>.
function(async_suite_support variant)
  add_library(suite_${variant} STATIC
    ${support}/reports.c
    ${support}/trace.c
    ${support}/target/cmocka.c
    ${support}/target/irq.c
    ${support}/target/machine.c)
  target_include_directories(suite_${variant} PUBLIC
    ${support} ${support}/target)
  target_compile_options(suite_${variant} PRIVATE ${async_warnings})
  target_compile_definitions(suite_${variant} PUBLIC ${suite_definitions})
  foreach(case IN LISTS suite_cases_left_out)
    target_compile_definitions(suite_${variant} INTERFACE
      TEST_WITHOUT_${case}=1)
  endforeach()
  target_link_libraries(suite_${variant} PUBLIC board async_${variant})
endfunction()

# --- Images ------------------------------------------------------------------

# Every run has to count its tests, and to find none that failed.
set(suite_passed "^[1-9][0-9]* tests, 0 failed")

# async_suite_test(variant prefix name): test/unit/test_<name>.c, linked with a
# variant of the library, as the test <prefix>unit.<name>.
function(async_suite_test variant prefix name)
  set(test ${prefix}unit.${name})
  string(REPLACE "." "_" image ${test})
  async_firmware(${image} SOURCES unit/test_${name}.c LIBRARY suite_${variant}
    OPTIONS ${suite_options})
  async_firmware_test(${test} PASS "${suite_passed}" LABELS unit)
endfunction()

set_property(SOURCE unit/test_version.c APPEND PROPERTY
  COMPILE_DEFINITIONS PROJECT_VERSION="${async_version}")
async_suite_support(checked)
foreach(name IN LISTS suite_tests)
  async_suite_test(checked "" ${name})
endforeach()

# Ticks of 16 bits, which one instruction does not read there either.
if(TARGET async_short)
  async_suite_support(short)
  foreach(name tick_clock counter_clock time ticker timeout wait watchdog)
    async_suite_test(short short. ${name})
  endforeach()
endif()

# What is off by default.
if(TARGET async_counting)
  async_suite_support(counting)
  async_suite_test(counting counting. account)
endif()

# A test that fails is told, with its place, and the next one runs.
async_firmware(suite_failing SOURCES ${CMAKE_CURRENT_LIST_DIR}/failing.c
  LIBRARY suite_checked)
async_firmware_test(suite.a_failure_is_told FIRMWARE suite_failing
  FAIL_WITH "^[^ ]*failing.c:15: failed")
async_firmware_test(suite.the_next_test_runs FIRMWARE suite_failing
  FAIL_WITH "^3 tests, 2 failed")
async_firmware(suite_hanging SOURCES ${CMAKE_CURRENT_LIST_DIR}/hanging.c
  LIBRARY suite_checked)
async_firmware_test(suite.a_run_that_hangs_is_ended FIRMWARE suite_hanging
  TIMEOUT 2)
set_tests_properties(suite.a_run_that_hangs_is_ended PROPERTIES
  PASS_REGULAR_EXPRESSION "run.sh: it did not end within 2 s")

# --- An interrupt at every unlock --------------------------------------------

# As on the host (test/interleave); of two interrupts, the first comes only at
# some of the places.
if(async_target MATCHES "^(cortex_m3|rv32)$")
  set(suite_portable ${async_sources})
  list(FILTER suite_portable EXCLUDE REGEX "/src/port/")
  async_add_twin(interleave ${suite_portable})
  target_include_directories(async_interleave PUBLIC interleave)
  target_compile_definitions(async_interleave PUBLIC
    ASYNC_PORT_HEADER="port_interleave.h")
  async_suite_support(interleave)
  target_compile_definitions(suite_interleave PUBLIC TEST_SLOW=1)
  foreach(subject core locks queue values stream watchdog others)
    async_firmware(interleave_${subject} LIBRARY suite_interleave
      SOURCES interleave/test_interleave_${subject}.c interleave/interleave.c)
    async_firmware_test(interleave.${subject} PASS "${suite_passed}"
      LABELS unit)
  endforeach()
endif()
