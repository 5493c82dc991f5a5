# Tests that run on an emulated machine: the presets of CMakePresets.json that
# name a toolchain file. Each part is a folder with <part>.cmake, and decides
# for itself what there is for the machine, async_target (cortex_m3, ...), or
# for its family, async_board (cortex_m, riscv, avr).

set(ASYNC_FIRMWARE_PARTS suite dump clocks examples sleep loops gdb trace bench
  CACHE STRING "Folders of test/firmware to build and test")
cmake_path(GET CMAKE_TOOLCHAIN_FILE STEM async_target)
include(${CMAKE_CURRENT_LIST_DIR}/board/board.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/board/twins.cmake)
foreach(part IN LISTS ASYNC_FIRMWARE_PARTS)
  include(${CMAKE_CURRENT_LIST_DIR}/${part}/${part}.cmake OPTIONAL)
endforeach()
