# QEMU's BBC micro:bit, an nRF51822: Cortex-M0, 16 KB of RAM.
set(async_board cortex_m)
set(async_cpu cortex-m0)
set(async_machine microbit)
set(async_memory flash=0 flash_size=0x40000 ram=0x20000000 ram_size=0x4000)
include(${CMAKE_CURRENT_LIST_DIR}/qemu_arm.cmake)
