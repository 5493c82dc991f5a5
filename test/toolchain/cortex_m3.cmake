# QEMU's MPS2 with application note AN385: Cortex-M3.
set(async_board cortex_m)
set(async_cpu cortex-m3)
set(async_machine mps2-an385)
set(async_memory flash=0 flash_size=0x400000 ram=0x20000000 ram_size=0x400000)
include(${CMAKE_CURRENT_LIST_DIR}/qemu_arm.cmake)
