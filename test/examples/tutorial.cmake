# docs/tutorial/first-firmware.md, done as it says.

find_package(Python3 3.7 COMPONENTS Interpreter QUIET)
find_program(ASYNC_QEMU_ARM qemu-system-arm)
mark_as_advanced(ASYNC_QEMU_ARM)
if(NOT ASYNC_QEMU_ARM)
  async_tool_missing(qemu-system-arm "the tutorial's firmware is"
    qemu-system-arm)
endif()

set(tutorial ${async_root}/docs/tutorial/first-firmware.md)
set(tutorial_run
  ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/run_tutorial.py)

if(Python3_FOUND AND ASYNC_ARM_GCC AND ASYNC_QEMU_ARM AND ASYNC_TESTS_ONCE)
  add_test(NAME tutorial.first_firmware
    COMMAND ${tutorial_run} ${tutorial} ${async_root}
      ${CMAKE_CURRENT_BINARY_DIR}/tutorial/blinky)

  # A page that says something else is noticed.
  file(READ ${tutorial} text)
  string(REPLACE "\nhello\n" "\ngoodbye\n" text "${text}")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/tutorial/wrong.md
    CONTENT "@text@" @ONLY)
  add_test(NAME tutorial.first_firmware_can_fail
    COMMAND ${tutorial_run} ${CMAKE_CURRENT_BINARY_DIR}/tutorial/wrong.md
      ${async_root} ${CMAKE_CURRENT_BINARY_DIR}/tutorial/wrong)
  set_tests_properties(tutorial.first_firmware_can_fail PROPERTIES
    PASS_REGULAR_EXPRESSION "wrong.md:[0-9]+: it prints something else")
  set_tests_properties(tutorial.first_firmware tutorial.first_firmware_can_fail
    PROPERTIES LABELS tutorial TIMEOUT 300)
endif()
