# Sleep without a lost wake: an interrupt at every instruction up to the sleep.

set(here ${CMAKE_CURRENT_LIST_DIR})
set(sweep_sources ${here}/sweep.c ${here}/machine_${async_board}.c)
set(nanoseconds_avr 1)
set(nanoseconds_rv32 1)
set(nanoseconds_cortex_m0 63)
set(nanoseconds_cortex_m3 40)
set(nanoseconds_cortex_m33 50)
set(sweep_definitions
  MACHINE_NS_OF_SYSTICK=${nanoseconds_${async_target}})

function(async_sweep name library)
  async_firmware(sleep_sweep_${name} SOURCES ${sweep_sources}
    LIBRARY ${library} DEFINITIONS ${sweep_definitions} ${ARGN})
  async_firmware_test(sleep.sweep_${name} PASS ", lost 0$")
endfunction()

# What is said of the lock is only in these sources; the others have the right
# port.
function(async_broken_sweep name)
  async_firmware(sleep_broken_${name}
    SOURCES ${sweep_sources} ${async_root}/src/loop.c
      ${async_root}/src/tick_clock.c ${async_root}/src/counter_clock.c
    DEFINITIONS ${sweep_definitions} ${ARGN} ASYNC_PORT_HEADER="broken_port.h")
  target_include_directories(sleep_broken_${name} PRIVATE ${here}
    ${async_root}/src)
  async_firmware_test(sleep.broken_${name} FAIL_WITH ", lost [1-9]")
endfunction()

# The lock covers what the open one loses.
function(async_stretch_test right open)
  add_test(NAME sleep.whole_${right}
    COMMAND sh ${here}/check_stretch.sh $<TARGET_FILE:sleep_sweep_${right}>
      $<TARGET_FILE:sleep_broken_${open}> ${CMAKE_CROSSCOMPILING_EMULATOR})
  set_tests_properties(sleep.whole_${right} PROPERTIES
    LABELS firmware TIMEOUT 120)
endfunction()

async_sweep(ticks async_checked)
async_sweep(counter async_checked SWEEP_COUNTER=1)
async_broken_sweep(open BROKEN_OPEN SWEEP_OPEN=1)
async_broken_sweep(open_counter BROKEN_OPEN SWEEP_OPEN=1 SWEEP_COUNTER=1)
async_broken_sweep(sleep BROKEN_SLEEP)
async_broken_sweep(no_wake BROKEN_NO_WAKE)
async_stretch_test(ticks open)
async_stretch_test(counter open_counter)
if(NOT async_board STREQUAL avr) # there it is the same as "open"
  async_broken_sweep(late_lock BROKEN_LATE_LOCK)
endif()
if(TARGET async_basepri)
  async_sweep(basepri async_basepri)
endif()

# --- A counter that passes the deadline meanwhile -----------------------------

# The library's source with one thing replaced.
function(async_broken_source result from to)
  set(source ${async_root}/src/counter_clock.c)
  file(READ ${source} text)
  string(REPLACE "${from}" "${to}" broken "${text}")
  if(broken STREQUAL text)
    message(FATAL_ERROR "${source} has changed: \"${from}\" is not there")
  endif()
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/${result}/counter_clock.c)
  file(CONFIGURE OUTPUT ${copy} CONTENT "${broken}" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  set(${result} ${copy} PARENT_SCOPE)
endfunction()

function(async_alarm_sweep name)
  async_firmware(sleep_${name} SOURCES ${ARGN}
      ${here}/alarm.c ${here}/alarm_${async_board}.c
    DEFINITIONS MACHINE_${async_target}
      MACHINE_STEPS_OF_COUNT=${nanoseconds_${async_target}})
endfunction()

async_alarm_sweep(alarm)
async_firmware_test(sleep.alarm PASS ", lost 0$")
async_broken_source(no_second_look
  "if (counts_since_last(clock) < counts)" "if (true)")
async_alarm_sweep(alarm_no_second_look ${no_second_look})
async_firmware_test(sleep.alarm_no_second_look FAIL_WITH ", lost [1-9]")

# --- Clocks that go wrong -----------------------------------------------------

# A test of the clocks, with a clock that has this fault.
function(async_faulty_clock name fault)
  async_firmware(sleep_clock_${name}
    SOURCES ${here}/faulty_clock.c ${here}/../clocks/tickless.c
      ${here}/../clocks/check.c ${here}/../clocks/machine_${async_board}.c
    LIBRARY ${async_clock_library}
    DEFINITIONS MACHINE_${async_target} ${fault}
    LINK -Wl,--wrap=machine_clock)
  target_include_directories(sleep_clock_${name} PRIVATE ${here}/../clocks)
  async_firmware_test(sleep.clock_${name} ${ARGN})
endfunction()

async_faulty_clock(right FAULT_NONE PASS "^ok$")
async_faulty_clock(late FAULT_LATE FAIL_WITH "^wrong in line")
async_faulty_clock(late_once FAULT_LATE_ONCE FAIL_WITH "^wrong in line")
async_faulty_clock(no_wake FAULT_NO_WAKE FAIL_WITH "^wrong in line")
async_faulty_clock(backwards FAULT_BACKWARDS FAIL_WITH "^wrong in line")
