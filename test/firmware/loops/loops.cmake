# Loops at several interrupt priorities.

if(async_board STREQUAL cortex_m)
  set(here ${CMAKE_CURRENT_LIST_DIR})
  async_firmware(loops SOURCES ${here}/loops.c)
  async_firmware_test(loops PASS "^ok$")

  if(TARGET async_basepri)
    async_firmware(loops_basepri SOURCES ${here}/loops.c LIBRARY async_basepri)
    async_firmware_test(loops.basepri PASS "^ok$")
  endif()

  async_firmware(loops_no_pend SOURCES ${here}/loops.c
    DEFINITIONS BROKEN_NO_PEND)
  async_firmware_test(loops.no_pend FAIL_WITH "^FAILED: line")

  # The same with one source of the library whose lock locks nothing: what the
  # program is worth. It takes a while to come to the right place.
  foreach(source core queue semaphore)
    async_firmware(loops_open_${source}
      SOURCES ${here}/loops.c ${async_root}/src/${source}.c)
    target_include_directories(loops_open_${source} PRIVATE
      ${here}/../sleep ${async_root}/src)
    target_compile_definitions(loops_open_${source} PRIVATE BROKEN_OPEN
      INTERRUPTS=30000u
      ASYNC_PORT_HEADER="broken_port.h")
    async_firmware_test(loops.open_${source}
      FAIL_WITH "^FAILED: line|^unexpected exception")
  endforeach()
endif()
