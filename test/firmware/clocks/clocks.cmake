# The machine's own clocks and its port, with real interrupts.

set(here ${CMAKE_CURRENT_LIST_DIR})
set(examples ${async_root}/docs/examples)

# clocks.<name>: <source> with the machine's clock.
function(async_clock_test name source)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "LIBRARY" "DEFINITIONS;SOURCES")
  string(REPLACE "." "_" program clocks.${name})
  async_firmware(${program} LIBRARY ${arg_LIBRARY}
    SOURCES ${here}/${source} ${here}/check.c ${here}/machine_${async_board}.c
      ${arg_SOURCES}
    DEFINITIONS MACHINE_${async_target} ${arg_DEFINITIONS})
  target_include_directories(${program} PRIVATE ${here})
  async_firmware_test(clocks.${name} PASS "^ok" LABELS clocks)
endfunction()

async_clock_test(tickless tickless.c LIBRARY ${async_clock_library})
async_clock_test(ticking ticking.c LIBRARY ${async_clock_library})
async_clock_test(contract contract.c)

if(async_board STREQUAL cortex_m)
  async_clock_test(systick systick.c LIBRARY async_systick)
  # The same where an instruction takes 32 ns: the last -icount counts.
  async_firmware_test(clocks.systick_slow FIRMWARE clocks_systick PASS "^ok"
    ARGS -icount shift=5,sleep=off LABELS clocks)
endif()

if(async_board STREQUAL avr)
  async_clock_test(ticking_16_bits ticking.c LIBRARY async_short)
  async_clock_test(tickless_256 tickless.c DEFINITIONS PRESCALER=256)
  async_clock_test(tickless_1024 tickless.c DEFINITIONS PRESCALER=1024)
endif()

if(TARGET async_basepri)
  async_clock_test(tickless_basepri tickless.c LIBRARY async_systick_basepri)
  async_clock_test(contract_basepri contract.c LIBRARY async_basepri)
endif()

if(async_target STREQUAL cortex_m3)
  async_clock_test(own_timer tickless.c
    SOURCES ${examples}/own_timer.c DEFINITIONS OWN_TIMER)
endif()
