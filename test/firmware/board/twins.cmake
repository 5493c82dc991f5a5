# Twins of the library that more than one part links; each is built only if one
# does.
#
#   async_basepri          its lock is BASEPRI, where the processor has that
#   async_systick          sleeps until SysTick interrupts, in QEMU
#   async_systick_basepri  both
#   async_short            its ticks have 16 bits, on AVR
#   async_counting         it accounts, on a Cortex-M3
#
# async_clock_library: what a program links that runs on the machine's clock.

# async_firmware_twin(variant [A=1 ...])
function(async_firmware_twin variant)
  async_add_twin(${variant} ${async_sources})
  set_target_properties(async_${variant} PROPERTIES EXCLUDE_FROM_ALL ON)
  target_compile_definitions(async_${variant} PUBLIC ${ARGN})
endfunction()

function(async_systick_twin variant)
  async_firmware_twin(${variant} ASYNC_PORT_HEADER="port_in_qemu.h"
    MACHINE_${async_target} ${ARGN})
  target_include_directories(async_${variant} PUBLIC
    ${async_board_folder}/cortex_m)
endfunction()

set(async_clock_library async_checked)
if(async_board STREQUAL cortex_m)
  async_systick_twin(systick)
  set(async_clock_library async_systick)
endif()
if(async_target MATCHES "^cortex_m33?$")
  async_firmware_twin(basepri ASYNC_PORT_BASEPRI=0x40)
  async_systick_twin(systick_basepri ASYNC_PORT_BASEPRI=0x40)
endif()
if(async_board STREQUAL avr)
  async_firmware_twin(short ASYNC_TICK_BITS=16)
endif()
if(async_target STREQUAL cortex_m3)
  async_firmware_twin(counting
    ASYNC_ACCOUNTING=1 ASYNC_TIMESTAMPS_PER_SECOND=1000000)
endif()
