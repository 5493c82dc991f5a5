# The examples that talk to a PC: what they print must be right to the line.
# Targets: example_greet, example_sensor_bus, example_shell, example_uart_lines.

set(async_examples ${CMAKE_CURRENT_LIST_DIR})
target_sources(example_shell PRIVATE
  ${async_root}/docs/examples/shell_posix.c)

add_test(NAME example.greet
  COMMAND sh ${async_examples}/check_greet.sh $<TARGET_FILE:example_greet>
    ${async_examples}/../../docs/examples/greet.c)
add_test(NAME example.sensor_bus
  COMMAND sh ${async_examples}/check_sensor_bus.sh
    $<TARGET_FILE:example_sensor_bus>)
add_test(NAME example.shell
  COMMAND sh ${async_examples}/check_shell.sh $<TARGET_FILE:example_shell>)
add_test(NAME example.shell_terminal
  COMMAND sh ${async_examples}/check_shell_terminal.sh $<TARGET_FILE:example_shell>)
add_test(NAME example.uart_lines
  COMMAND sh ${async_examples}/check_uart_lines.sh
    $<TARGET_FILE:example_uart_lines>)
set_tests_properties(example.greet example.sensor_bus example.shell
  example.shell_terminal example.uart_lines
  PROPERTIES LABELS example TIMEOUT 120 SKIP_RETURN_CODE 77)

include(${CMAKE_CURRENT_LIST_DIR}/superloop_and_rtos.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/tutorial.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/chips.cmake)
