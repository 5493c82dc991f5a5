# The unit tests of the host, from the same sources, on the machine: one image
# for a file, or several for one that is too big (TEST_PARTS in cmocka.h).

# --- What runs where ---------------------------------------------------------

set(suite_tests barrier callback cancellation condition coroutine event future
  generator group line lock loop print pubsub queue report rwlock semaphore
  shield signal stream task ticker time timeout try unwind version virtual_clock
  wait watch with)

# Nowhere here: posix_clock, posix_fd and posix_irq test the port to PCs; print
# needs regular expressions and temporary files (report compares what it
# prints).
set(suite_left_out print)

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
add_library(suite_support STATIC
  ${support}/reports.c
  ${support}/trace.c
  ${support}/target/cmocka.c
  ${support}/target/irq.c
  ${support}/target/machine.c)
target_include_directories(suite_support PUBLIC ${support} ${support}/target)
target_compile_options(suite_support PRIVATE ${async_warnings})
target_link_libraries(suite_support PUBLIC board async_checked)
foreach(case IN LISTS suite_cases_left_out)
  target_compile_definitions(suite_support INTERFACE TEST_WITHOUT_${case}=1)
endforeach()
if(async_target STREQUAL avr)
  target_compile_definitions(suite_support PUBLIC
    TEST_ROOM=8 TRACE_SIZE=1024 REPORTS_MAX=16 REPORT_TEXTS=2)
  # avr-gcc 5.4 warns of what later ones find right, and of comparisons that
  # are constant because an int has 16 bits.
  set(suite_options -Wno-missing-field-initializers -Wno-type-limits
    -Wno-unused-value -Wno-conversion -Wno-sign-conversion)
elseif(async_target STREQUAL cortex_m0)
  target_compile_definitions(suite_support PUBLIC
    ASYNC_DIAGNOSTICS=2 TEST_ROOM=16
    TRACE_SIZE=1024 REPORTS_MAX=32 REPORT_TEXTS=1024)
else()
  target_compile_definitions(suite_support PUBLIC ASYNC_DIAGNOSTICS=2)
endif()

# --- Images ------------------------------------------------------------------

# async_suite_test(name [parts]): test/unit/test_<name>.c as unit.<name>, or
# unit.<name>.<part>.
function(async_suite_test name)
  set(parts ${ARGN})
  if(NOT parts)
    set(parts 1)
  endif()
  math(EXPR last "${parts} - 1")
  foreach(part RANGE ${last})
    set(test unit.${name})
    if(parts GREATER 1)
      math(EXPR number "${part} + 1")
      set(test unit.${name}.${number})
    endif()
    string(REPLACE "." "_" image ${test})
    async_firmware(${image} SOURCES unit/test_${name}.c LIBRARY suite_support
      DEFINITIONS TEST_PARTS=${parts} TEST_PART=${part}
      OPTIONS ${suite_options})
    async_firmware_test(${test} PASS "^[1-9][0-9]* tests, 0 failed" LABELS unit)
  endforeach()
endfunction()

foreach(name IN LISTS suite_tests)
  if(NOT name IN_LIST suite_left_out)
    async_suite_test(${name} ${suite_parts_${name}})
  endif()
endforeach()
set_property(SOURCE unit/test_version.c APPEND PROPERTY
  COMPILE_DEFINITIONS PROJECT_VERSION="${async_version}")
