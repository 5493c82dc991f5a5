# Firmware for the machine of the toolchain file, and tests that run it.

set(here ${CMAKE_CURRENT_LIST_DIR})
add_library(board OBJECT)
target_include_directories(board PUBLIC ${here})
target_compile_features(board PUBLIC c_std_11)
target_compile_options(board PRIVATE ${async_warnings})
if(async_board STREQUAL cortex_m)
  target_sources(board PRIVATE ${here}/semihost.c ${here}/cortex_m/vectors.c)
elseif(async_board STREQUAL riscv)
  target_sources(board PRIVATE ${here}/semihost.c ${here}/riscv/trap.c)
elseif(async_board STREQUAL avr)
  target_sources(board PRIVATE ${here}/avr/board.c)
endif()

# A program of the PC that runs firmware, or helps to: libsimavr is there for
# it. async_host_program(simulate simulate.c) makes
# ${CMAKE_BINARY_DIR}/simulate.
find_program(ASYNC_HOST_CC NAMES cc gcc clang REQUIRED)
mark_as_advanced(ASYNC_HOST_CC)
function(async_host_program name source)
  cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${name}
    COMMAND ${ASYNC_HOST_CC} -O2 -Wall -Wextra -Werror -isystem
      /usr/include/simavr ${source} -o ${CMAKE_BINARY_DIR}/${name} ${ARGN}
      -lsimavr -lelf
    DEPENDS ${source} VERBATIM)
  add_custom_target(${name}_built ALL DEPENDS ${CMAKE_BINARY_DIR}/${name})
endfunction()
if(async_board STREQUAL avr)
  async_host_program(simulate ${here}/avr/simulate.c)
endif()

# async_firmware(name SOURCES x.c ... [LIBRARY async_checked]
#   [DEFINITIONS A=1 ...] [OPTIONS -x ...] [LINK -Wl,... or libraries])
# The executable <name>: the sources with all warnings, the library (a twin;
# async_checked if not said), and the board.
function(async_firmware name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LIBRARY"
    "SOURCES;DEFINITIONS;OPTIONS;LINK")
  if(NOT arg_LIBRARY)
    set(arg_LIBRARY async_checked)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_compile_options(${name} PRIVATE ${async_warnings} ${arg_OPTIONS})
  target_compile_definitions(${name} PRIVATE ${arg_DEFINITIONS})
  target_link_libraries(${name} PRIVATE board ${arg_LIBRARY} ${arg_LINK})
endfunction()

# async_firmware_test(name [FIRMWARE target] [ARGS emulator options ...]
#   [INPUT file] [PASS regex] [FAIL_WITH regex] [TIMEOUT seconds] [LABELS l])
# The test <name> runs the executable (<name> with "." for "_" if not said) in
# the emulator. It passes with the exit status 0, and if PASS is given only if
# the output matches it, too. With FAIL_WITH it passes if the output matches
# that, and the status is not 0.
function(async_firmware_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg ""
    "FIRMWARE;INPUT;PASS;FAIL_WITH;TIMEOUT" "ARGS;LABELS")
  if(NOT arg_FIRMWARE)
    string(REPLACE "." "_" arg_FIRMWARE ${name})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  set(expect pass)
  set(pattern "${arg_PASS}")
  if(arg_FAIL_WITH)
    set(expect fail)
    set(pattern "${arg_FAIL_WITH}")
  endif()
  add_test(NAME ${name}
    COMMAND sh ${async_board_folder}/run.sh ${expect} "${pattern}"
      "${arg_INPUT}" ${arg_TIMEOUT} ${CMAKE_CROSSCOMPILING_EMULATOR}
      $<TARGET_FILE:${arg_FIRMWARE}> ${arg_ARGS})
  set_tests_properties(${name} PROPERTIES LABELS "firmware;${arg_LABELS}"
    TIMEOUT 120)
endfunction()
set(async_board_folder ${here})
