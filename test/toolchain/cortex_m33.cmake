# QEMU's MPS2 with application note AN505: Cortex-M33, in secure state.
set(async_board cortex_m)
set(async_cpu cortex-m33+nofp)
set(async_machine mps2-an505)
set(async_memory flash=0x10000000 flash_size=0x400000 ram=0x38000000
  ram_size=0x200000)
include(${CMAKE_CURRENT_LIST_DIR}/qemu_arm.cmake)
