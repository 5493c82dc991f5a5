qemu-system-arm -M mps2-an385 -display none -serial stdio -semihosting \
  -d trace:led_change_intensity -kernel build/blinky
