# SPDX-License-Identifier: MIT
#
# The documentation: every code block compiles or stands in a file that does,
# every output is real, every link leads somewhere (docs/contributing.md).

find_package(Python3 3.7 COMPONENTS Interpreter)

if(Python3_FOUND AND NOT CMAKE_CROSSCOMPILING)
  set(docs_check
    ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/check_docs.py
    --cc ${CMAKE_C_COMPILER} --library $<TARGET_FILE:async>)

  add_test(NAME docs.pages COMMAND ${docs_check})
  set_tests_properties(docs.pages PROPERTIES
    LABELS docs
    COST 100 # long, so begun first
    TIMEOUT 120)
  if(ASYNC_TESTS_ONCE)
    add_test(NAME docs.checker_can_fail COMMAND ${docs_check} --self-test)
    set_tests_properties(docs.checker_can_fail PROPERTIES
      LABELS docs TIMEOUT 120)
  endif()
endif()
