# The gdb commands (test/gdb) on the emulated machine: through the stub of the
# emulator, and on a dump of the RAM. Both print what they print on a PC.

set(gdb_tests ${CMAKE_CURRENT_LIST_DIR}/../../gdb)
if(async_target MATCHES "^(cortex_m3|rv32)$")
  find_package(Python3 3.7 COMPONENTS Interpreter)
  async_find_tool(ASYNC_GDB gdb-multiarch "tests of its commands are"
    gdb-multiarch)
endif()

if(ASYNC_GDB AND Python3_FOUND)
  async_firmware(gdb_stuck SOURCES ${gdb_tests}/stuck.c OPTIONS -g)
  list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " gdb_emulator)
  set(gdb_ram 0x20000000)
  if(async_target STREQUAL rv32)
    set(gdb_ram 0x80400000)
  endif()

  function(async_gdb_test name)
    add_test(NAME gdb.${name} COMMAND ${Python3_EXECUTABLE}
      ${gdb_tests}/check_gdb.py --gdb ${ASYNC_GDB} --emulator ${gdb_emulator}
      ${ARGN} $<TARGET_FILE:gdb_stuck> ${gdb_tests}/stuck.c
      ${gdb_tests}/stuck.txt)
    set_tests_properties(gdb.${name} PROPERTIES LABELS "firmware;gdb"
      TIMEOUT 120)
  endfunction()

  async_gdb_test(stub live)
  async_gdb_test(ram --dump ${gdb_ram} 0x4000 ram)
endif()
