set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-m3 -mthumb --specs=picolibc.specs")
string(CONCAT CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,--defsym=__flash=0x00000000,--defsym=__flash_size=4M "
  "-Wl,--defsym=__ram=0x20000000,--defsym=__ram_size=4M "
  "--crt0=hosted --oslib=semihost") # the emulator's: main may return
set(CHIP_SOURCE cortex_m3.c)
