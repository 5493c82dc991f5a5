# The models of the protocols, checked with Spin.
async_find_tool(ASYNC_SPIN spin "the checks of the models are" spin)
if(ASYNC_SPIN AND ASYNC_TESTS_ONCE)
  add_test(NAME model.check_models
    COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/check_models.sh
      ${CMAKE_CURRENT_BINARY_DIR}/model)
  set_tests_properties(model.check_models PROPERTIES
    LABELS model TIMEOUT 120 ENVIRONMENT CC=${CMAKE_C_COMPILER})
endif()
