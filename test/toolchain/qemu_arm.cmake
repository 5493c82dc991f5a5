# What the Cortex-M machines share: arm-none-eabi-gcc, picolibc, and
# semihosting for output and the exit status. Each instruction is one
# nanosecond, and no time is lost by sleeping.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_C_FLAGS_INIT "-mcpu=${async_cpu} -mthumb --specs=picolibc.specs -Os -g -ffunction-sections -fdata-sections")
set(CMAKE_EXE_LINKER_FLAGS_INIT "--oslib=semihost --crt0=hosted")
foreach(symbol IN LISTS async_memory)
  string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " -Wl,--defsym=__${symbol}")
endforeach()
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-system-arm -machine ${async_machine}
  -nodefaults -display none -semihosting-config enable=on,target=native
  -icount shift=0,sleep=off -kernel)
