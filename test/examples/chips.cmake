# docs/how-to/build-for-a-chip.md, done as it says, for each of its chips.
if(NOT ASYNC_TESTS_ONCE)
  return()
endif()

find_program(ASYNC_RISCV_GCC riscv64-unknown-elf-gcc)
find_program(ASYNC_AVR_GCC avr-gcc)
find_program(ASYNC_QEMU_RISCV qemu-system-riscv32)
find_path(ASYNC_SIMAVR sim_avr.h PATH_SUFFIXES simavr)
mark_as_advanced(ASYNC_RISCV_GCC ASYNC_AVR_GCC ASYNC_QEMU_RISCV ASYNC_SIMAVR)

if(Python3_FOUND AND ASYNC_ARM_GCC AND ASYNC_QEMU_ARM AND ASYNC_RISCV_GCC
    AND ASYNC_QEMU_RISCV AND ASYNC_AVR_GCC AND ASYNC_SIMAVR)
  # simavr without the waiting.
  add_executable(chips_simulate
    ${async_root}/test/firmware/board/avr/simulate.c)
  target_compile_features(chips_simulate PRIVATE c_std_11)
  target_include_directories(chips_simulate SYSTEM PRIVATE ${ASYNC_SIMAVR})
  target_link_libraries(chips_simulate PRIVATE simavr elf)

  set(page ${async_root}/docs/how-to/build-for-a-chip.md)
  set(chips --start docs/examples/firmware/chips
    --simulate $<TARGET_FILE:chips_simulate>)
  add_test(NAME tutorial.chips
    COMMAND ${tutorial_run} ${page} ${async_root}
      ${CMAKE_CURRENT_BINARY_DIR}/tutorial/chips ${chips})

  # A toolchain file that the page has otherwise is noticed.
  file(READ ${page} text)
  string(REPLACE "-mmcu=atmega328p" "-mmcu=atmega88" text "${text}")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/tutorial/wrong_chip.md
    CONTENT "@text@" @ONLY)
  add_test(NAME tutorial.chips_can_fail
    COMMAND ${tutorial_run}
      ${CMAKE_CURRENT_BINARY_DIR}/tutorial/wrong_chip.md ${async_root}
      ${CMAKE_CURRENT_BINARY_DIR}/tutorial/wrong_chips ${chips})
  set_tests_properties(tutorial.chips_can_fail PROPERTIES
    PASS_REGULAR_EXPRESSION
      "wrong_chip.md:[0-9]+: is not the whole of docs/.*/atmega328p.cmake")
  set_tests_properties(tutorial.chips tutorial.chips_can_fail
    PROPERTIES LABELS tutorial TIMEOUT 300)
else()
  async_tool_missing("a cross compiler or an emulator"
    "the projects for chips are" "gcc-riscv64-unknown-elf gcc-avr ...")
endif()
