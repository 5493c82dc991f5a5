# A dump made in a fault handler (async/dump.h).

async_firmware(dump_in_a_fault SOURCES ${CMAKE_CURRENT_LIST_DIR}/fault.c)
foreach(name crash_soon crash wait)
  if(async_board STREQUAL avr)
    set(dump_${name} "0x[0-9a-f]+") # the body's address
    set(dump_${name}_place "0x[0-9a-f]+ \\(line [0-9]+\\)")
  else()
    set(dump_${name} "'${name}'")
    set(dump_${name}_place "'${name}' \\(fault.c:[0-9]+\\)")
  endif()
endforeach()
async_firmware_test(dump.who_crashes FIRMWARE dump_in_a_fault
  PASS "^task 0x[0-9a-f]+ ${dump_crash_soon}: running$")
async_firmware_test(dump.where FIRMWARE dump_in_a_fault
  PASS "^  in ${dump_crash_place}$")
async_firmware_test(dump.its_block FIRMWARE dump_in_a_fault
  PASS "^    in the block at line [0-9]+, time up in 45 ticks$")
async_firmware_test(dump.who_waits FIRMWARE dump_in_a_fault
  PASS "^  in the list at 0x[0-9a-f]+, 1st of 1$")
