# Programs that use the library as their projects would. Each folder here is a
# project; a test configures, builds and runs it.

# async_consumer_test(<name> <folder> [<option>...] [TARGET <target>]
#                     [PROGRAM <command>...] [FAILS <regex>])
#
# FAILS: it must not build, and must say this.
function(async_consumer_test name folder)
  cmake_parse_arguments(arg "" "TARGET;FAILS" "PROGRAM" ${ARGN})
  if(NOT arg_TARGET)
    set(arg_TARGET all)
  endif()
  if(arg_PROGRAM)
    list(PREPEND arg_PROGRAM --test-command)
  endif()
  add_test(NAME consumer.${name}
    COMMAND ${CMAKE_CTEST_COMMAND} --build-and-test
      ${folder} ${CMAKE_CURRENT_BINARY_DIR}/consumer/${name}
      --build-generator ${CMAKE_GENERATOR}
      --build-target ${arg_TARGET}
      --build-options -DASYNC_ROOT=${async_root}
        ${arg_UNPARSED_ARGUMENTS}
      ${arg_PROGRAM})
  set_tests_properties(consumer.${name} PROPERTIES
    LABELS consumer TIMEOUT 120 PASS_REGULAR_EXPRESSION "${arg_FAILS}")
endfunction()

set(here ${CMAKE_CURRENT_LIST_DIR})
set(same_c -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER})
set(package ${CMAKE_CURRENT_BINARY_DIR}/consumer/package)

async_consumer_test(fetch_content ${here}/fetch_content ${same_c}
  -DFETCHCONTENT_SOURCE_DIR_ASYNC=${async_root}
  PROGRAM program)
async_consumer_test(add_subdirectory ${here}/add_subdirectory ${same_c}
  PROGRAM program)

async_consumer_test(install ${async_root} ${same_c}
  -DASYNC_TESTS=OFF -DCMAKE_INSTALL_PREFIX=${package}
  TARGET install)
async_consumer_test(find_package ${here}/find_package ${same_c}
  -Dasync_ROOT=${package}
  PROGRAM program)
async_consumer_test(mistake_with_find_package ${here}/find_package ${same_c}
  -Dasync_ROOT=${package}
  TARGET mistake
  FAILS "error: .*(jumps over variable initialization|may be uninitialized)")
set_tests_properties(consumer.install PROPERTIES
  FIXTURES_SETUP async_package)
set_tests_properties(
  consumer.find_package consumer.mistake_with_find_package PROPERTIES
  FIXTURES_REQUIRED async_package)

async_consumer_test(config ${here}/config ${same_c}
  PROGRAM program)
async_consumer_test(config_is_not_installed ${here}/config ${same_c}
  -DASYNC_INSTALL=ON
  FAILS "knobs of async_config would not travel")
async_consumer_test(mismatch ${here}/mismatch ${same_c}
  TARGET program
  FAILS "undefined (reference|symbol).*async_loop_init_for_64_bit_ticks_at_1000_per_second_")
if(ASYNC_TESTS_ONCE)
  async_consumer_test(mismatch_of_basepri ${here}/mismatch ${same_c}
    TARGET basepri
    FAILS "undefined (reference|symbol).*async_loop_init_for_32_bit_ticks_at_1000_per_second_basepri_0x40_")
  async_consumer_test(mismatch_of_accounting ${here}/mismatch ${same_c}
    TARGET accounting
    FAILS "undefined (reference|symbol).*async_loop_init_for_32_bit_ticks_at_1000_per_second_with_accounting_")
  foreach(file IN ITEMS beep blink)
    async_consumer_test(mismatch_of_${file} ${here}/mismatch ${same_c}
      TARGET ${file}
      FAILS "undefined (reference|symbol).*_for_64_bit_ticks_at_1000_per_second_")
  endforeach()
endif()
async_consumer_test(port ${here}/port ${same_c}
  PROGRAM program)
async_consumer_test(port_is_unknown ${here}/add_subdirectory ${same_c}
  -DASYNC_PORT=abacus
  FAILS "ASYNC_PORT is 'abacus'")

if(ASYNC_GXX)
  async_consumer_test(g++ ${here}/cxx
    -DCMAKE_C_COMPILER=${ASYNC_GCC} -DCMAKE_CXX_COMPILER=${ASYNC_GXX}
    PROGRAM program)
endif()
if(ASYNC_CLANGXX AND ASYNC_TESTS_SLOW)
  async_consumer_test(clang++ ${here}/cxx
    -DCMAKE_C_COMPILER=${ASYNC_CLANG} -DCMAKE_CXX_COMPILER=${ASYNC_CLANGXX}
    PROGRAM program)
endif()

if(ASYNC_ARM_GCC AND ASYNC_TESTS_SLOW)
  foreach(bits IN ITEMS 16 32 64)
    async_consumer_test(cortex_m_${bits}_bit_ticks ${here}/cortex_m
      -DCMAKE_TOOLCHAIN_FILE=${here}/../toolchain/cortex_m0plus.cmake
      -DASYNC_TICK_BITS=${bits})
  endforeach()
endif()

# A user with many warnings on gets none.
foreach(compiler IN ITEMS ${ASYNC_GCC} ${ASYNC_CLANG})
  cmake_path(GET compiler STEM name)
  add_test(NAME consumer.warnings_${name}
    COMMAND ${compiler} ${async_c11} -O2 -Wall -Wextra -Wpedantic -Wconversion
      -Wshadow -Werror -c ${async_root}/docs/examples/greet.c -o /dev/null)
  set_tests_properties(consumer.warnings_${name} PROPERTIES
    LABELS consumer TIMEOUT 60)
endforeach()
