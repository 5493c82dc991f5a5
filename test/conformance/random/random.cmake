# Agreement with CPython's asyncio on random programs; random_programs.py has
# the long runs.

if(Python3_FOUND)
  add_executable(conformance_random ${CMAKE_CURRENT_LIST_DIR}/interpreter.c)
  target_link_libraries(conformance_random PRIVATE async_checked)
  target_compile_options(conformance_random PRIVATE ${async_warnings})
  add_test(NAME conformance.random
    COMMAND ${Python3_EXECUTABLE}
      ${CMAKE_CURRENT_LIST_DIR}/random_programs.py --seed 1 --count 300
      $<TARGET_FILE:conformance_random>)
  set_tests_properties(conformance.random PROPERTIES
    LABELS conformance TIMEOUT 60)
endif()
