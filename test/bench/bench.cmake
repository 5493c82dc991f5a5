# What the library costs: bytes, and instructions. The scripts compile the
# library themselves, so that the numbers do not depend on this build.
#   sh test/bench/sizes.sh      sh test/bench/run.sh

set(async_bench ${CMAKE_CURRENT_LIST_DIR})

add_test(NAME bench.sizes COMMAND sh ${async_bench}/sizes.sh)
add_test(NAME bench.depth COMMAND sh ${async_bench}/run.sh depth)
add_test(NAME bench.unused COMMAND sh ${async_bench}/unused.sh)
set_tests_properties(bench.sizes bench.depth bench.unused
  PROPERTIES
  LABELS bench
  TIMEOUT 300
  SKIP_RETURN_CODE 77
  ENVIRONMENT CC=${CMAKE_C_COMPILER})
