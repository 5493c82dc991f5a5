# simavr's ATmega2560: 8 KB of RAM, 256 KB of flash, at 16 MHz.
# test/firmware/board builds the emulator, a small program around libsimavr.
set(async_board avr)
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR avr)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER avr-gcc)
set(CMAKE_C_FLAGS_INIT "-mmcu=atmega2560 -DF_CPU=16000000UL -Os -g -ffunction-sections -fdata-sections -mcall-prologues")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--gc-sections")
set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_BINARY_DIR}/simulate atmega2560
  16000000 4000)
