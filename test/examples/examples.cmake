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

# A page quotes what it prints.
add_executable(example_cpu_load ${async_root}/docs/examples/cpu_load.c)
target_link_libraries(example_cpu_load PRIVATE async_counting)
target_compile_options(example_cpu_load PRIVATE ${async_warnings})
add_test(NAME example.cpu_load
  COMMAND sh ${async_examples}/check_page.sh
    ${async_root}/docs/how-to/measure-cpu-load.md cpu_load.c
    $<TARGET_FILE:example_cpu_load>)
set_tests_properties(example.cpu_load PROPERTIES LABELS example TIMEOUT 30)

include(${CMAKE_CURRENT_LIST_DIR}/superloop_and_rtos.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/tutorial.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/chips.cmake)
