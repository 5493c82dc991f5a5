# The gdb commands (src/gdb): on a program that runs, on a core file, with
# damaged lists, and what docs/reference/gdb.md shows. On emulated machines:
# test/firmware/gdb.

find_package(Python3 3.7 COMPONENTS Interpreter)
async_find_tool(ASYNC_GDB gdb "tests of its commands are" gdb)

if(ASYNC_GDB AND Python3_FOUND)
  set(gdb_here ${CMAKE_CURRENT_LIST_DIR})
  target_compile_options(async_checked PRIVATE -g)
  target_compile_options(example_sensor_bus PRIVATE -g)
  add_executable(gdb_stuck ${gdb_here}/stuck.c)
  target_compile_options(gdb_stuck PRIVATE ${async_warnings} -g)
  target_link_libraries(gdb_stuck PRIVATE async_checked)

  function(async_gdb_test name)
    add_test(NAME gdb.${name} COMMAND ${Python3_EXECUTABLE}
      ${gdb_here}/check_gdb.py --gdb ${ASYNC_GDB} ${ARGN})
    set_tests_properties(gdb.${name} PROPERTIES LABELS gdb TIMEOUT 120)
  endfunction()

  set(gdb_stuck $<TARGET_FILE:gdb_stuck> ${gdb_here}/stuck.c)
  async_gdb_test(live live ${gdb_stuck} ${gdb_here}/stuck.txt)
  async_gdb_test(core core ${gdb_stuck} ${gdb_here}/stuck.txt)
  async_gdb_test(damaged live ${gdb_stuck} ${gdb_here}/damaged.txt)

  add_executable(gdb_fresh ${gdb_here}/fresh.c)
  target_compile_options(gdb_fresh PRIVATE ${async_warnings} -g -O0)
  target_link_libraries(gdb_fresh PRIVATE async_checked)
  async_gdb_test(a_block_that_is_entered_is_no_damage live
    $<TARGET_FILE:gdb_fresh> ${gdb_here}/fresh.c ${gdb_here}/fresh.txt)

  if(ASYNC_GXX AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND
      NOT CMAKE_C_FLAGS MATCHES "-fsanitize|--coverage")
    set(gdb_spaces ${CMAKE_CURRENT_BINARY_DIR}/gdb_spaces)
    add_custom_command(OUTPUT ${gdb_spaces}
      COMMAND ${ASYNC_GXX} -std=c++20 -O2 -flto -g -I${async_root}/include
        ${gdb_here}/spaces.cpp $<TARGET_FILE:async_checked> -o ${gdb_spaces}
      DEPENDS ${gdb_here}/spaces.cpp async_checked)
    add_custom_target(async_gdb_spaces ALL DEPENDS ${gdb_spaces})
    async_gdb_test(spaces live ${gdb_spaces} ${gdb_here}/spaces.cpp
      ${gdb_here}/spaces.txt)
  endif()
  async_gdb_test(page page $<TARGET_FILE:example_sensor_bus>
    ${async_root}/docs/reference/gdb.md)

  target_compile_options(async_traced PRIVATE -g)
  add_executable(example_hangs ${async_root}/docs/examples/hangs.c)
  # The order of tasks is that of their addresses; optimised, it may be another.
  target_compile_options(example_hangs PRIVATE ${async_warnings} -g -O0)
  target_link_libraries(example_hangs PRIVATE async_traced)
  async_gdb_test(how_to page $<TARGET_FILE:example_hangs>
    ${async_root}/docs/how-to/find-out-why-it-hangs.md)
endif()
