# QEMU's virt with one RV32 core, in machine mode; otherwise as qemu_arm.cmake.
# "rv32imac_zicsr" would link the C library of another instruction set.
set(async_board riscv)
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_C_FLAGS_INIT "-march=rv32imac -mabi=ilp32 --specs=picolibc.specs -Os -g -ffunction-sections -fdata-sections")
set(CMAKE_EXE_LINKER_FLAGS_INIT "--oslib=semihost --crt0=hosted -Wl,--defsym=__flash=0x80000000 -Wl,--defsym=__flash_size=0x400000 -Wl,--defsym=__ram=0x80400000 -Wl,--defsym=__ram_size=0x400000")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-system-riscv32 -machine virt -bios none
  -nodefaults -display none -semihosting-config enable=on,target=native
  -icount shift=0,sleep=off -kernel)
