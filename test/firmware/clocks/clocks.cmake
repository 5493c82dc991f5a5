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

# A twin of the library for programs that sleep until SysTick interrupts.
function(async_systick_twin variant)
  async_add_twin(${variant} ${async_sources})
  target_include_directories(async_${variant} PUBLIC ${here})
  target_compile_definitions(async_${variant} PUBLIC
    ASYNC_PORT_HEADER="port_in_qemu.h" MACHINE_${async_target} ${ARGN})
endfunction()

set(library async_checked)
if(async_board STREQUAL cortex_m)
  async_systick_twin(systick)
  set(library async_systick)
endif()
async_clock_test(tickless tickless.c LIBRARY ${library})
async_clock_test(ticking ticking.c LIBRARY ${library})
async_clock_test(contract contract.c)

if(async_board STREQUAL cortex_m)
  async_clock_test(systick systick.c LIBRARY async_systick)
endif()

if(async_board STREQUAL avr)
  async_clock_test(tickless_256 tickless.c DEFINITIONS PRESCALER=256)
  async_clock_test(tickless_1024 tickless.c DEFINITIONS PRESCALER=1024)
endif()

if(async_target STREQUAL cortex_m3 OR async_target STREQUAL cortex_m33)
  async_systick_twin(systick_basepri ASYNC_PORT_BASEPRI=0x40)
  async_clock_test(tickless_basepri tickless.c LIBRARY async_systick_basepri)
  async_add_twin(basepri ${async_sources})
  target_compile_definitions(async_basepri PUBLIC ASYNC_PORT_BASEPRI=0x40)
  async_clock_test(contract_basepri contract.c LIBRARY async_basepri)
endif()

if(async_target STREQUAL cortex_m3)
  async_clock_test(own_timer tickless.c
    SOURCES ${examples}/own_timer.c DEFINITIONS OWN_TIMER)
endif()
