set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_C_FLAGS_INIT
  "-march=rv32imac -mabi=ilp32 --specs=picolibc.specs")
string(CONCAT CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,--defsym=__flash=0x80000000,--defsym=__flash_size=4M "
  "-Wl,--defsym=__ram=0x80400000,--defsym=__ram_size=4M "
  "--crt0=hosted --oslib=semihost") # the emulator's: main may return
set(CHIP_SOURCE rv32.c)
