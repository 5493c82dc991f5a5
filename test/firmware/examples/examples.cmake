# The examples of docs/examples/firmware, on the emulated boards: the same
# sources with another board_*.c and uart_*.c.

set(here ${CMAKE_CURRENT_LIST_DIR})
set(examples ${async_root}/docs/examples)
set(firmware ${examples}/firmware)
if(async_target STREQUAL cortex_m3)
  set(finger finger.c)
  set(board_sources ${firmware}/board_mps2.c ${firmware}/uart_cmsdk.c)
  # The names of Arm's start-up code, which is not here.
  set(board_names UARTRX0_Handler=IRQ0_Handler UARTTX0_Handler=IRQ1_Handler
    PORT0_COMB_Handler=IRQ6_Handler DUALTIMER_Handler=IRQ10_Handler)
  set(board_serial -serial stdio)
  set(board_trace -trace mps2_fpgaio_write)
  set(board_leds "$6 == \"0x0\" { show(hex($8)) }")
elseif(async_target STREQUAL rv32)
  set(finger finger_virt.c)
  set(board_sources ${firmware}/board_virt.c ${firmware}/uart_16550.c)
  set(board_serial -serial stdio)
  set(board_trace -trace serial_write)
  set(board_leds "$4 == \"0x04\" { show(int(hex($6) / 4)) }")
elseif(async_target STREQUAL avr)
  set(board_sources ${firmware}/board_atmega2560.c ${firmware}/uart_avr.c)
  async_host_program(pins ${here}/pins.c)
  set(pins ${CMAKE_BINARY_DIR}/pins atmega2560 16000000)
else()
  return()
endif()

function(async_example name)
  async_firmware(example_${name} ${ARGN})
  target_sources(example_${name} PRIVATE ${board_sources}
    ${firmware}/stdout_uart.c)
  target_compile_definitions(example_${name} PRIVATE ${board_names})
endfunction()

function(async_example_test name)
  add_test(NAME example.${name} COMMAND sh ${ARGN})
  set_tests_properties(example.${name} PROPERTIES
    LABELS "firmware;example" TIMEOUT 120)
endfunction()

# --- Shell --------------------------------------------------------------------

set(shell_sources ${firmware}/shell_uart.c ${examples}/shell.c)
set(shell example_shell)
set(flood 200) # lines
async_example(shell SOURCES ${shell_sources})
if(board_serial)
  set(shell example_shell_input_first)
  set(flood 300) # more than fit into the stream
  async_example(shell_input_first SOURCES ${shell_sources} ${here}/input_first.c
    DEFINITIONS UART_RX_SIZE=512 LINK -Wl,--wrap=async_run)
endif()

# The check of the PC's shell runs one program, without arguments.
list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
list(JOIN board_serial " " serial)
string(CONCAT script "#!/bin/sh\nexec sh ${here}/shell.sh ${emulator} "
  "$<TARGET_FILE:${shell}> ${serial}\n")
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/shell CONTENT "${script}"
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
async_example_test(shell ${here}/../../examples/check_shell.sh
  ${CMAKE_BINARY_DIR}/shell ${flood})
async_example_test(shell_prompt ${here}/check_prompt.sh
  ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:example_shell>
  ${board_serial})

# --- Blink --------------------------------------------------------------------

async_example(blink SOURCES ${firmware}/blink.c)
if(async_target STREQUAL avr)
  async_example_test(blink ${here}/check_blink.sh "{ print }"
    ${pins} 61000 $<TARGET_FILE:example_blink>)
else()
  async_example_test(blink ${here}/check_blink.sh "${board_leds}"
    ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:example_blink>
    -serial stdio ${board_trace})
endif()

# --- Button -------------------------------------------------------------------

if(async_target STREQUAL avr)
  async_example(button SOURCES ${firmware}/button.c)
  async_example_test(button ${here}/check_output.sh ${here}/button.txt
    ${pins} 1000 $<TARGET_FILE:example_button>)
else()
  async_example(button SOURCES ${firmware}/button.c ${here}/${finger}
    DEFINITIONS GPIO0_ADDRESS=0x21000000)
  async_example_test(button ${here}/check_output.sh ${here}/button.txt
    ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:example_button>
    -serial stdio)
endif()
