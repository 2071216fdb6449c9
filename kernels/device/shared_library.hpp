#pragma once

#include <dlfcn.h>

#include <initializer_list>
#include <string>

namespace assay {

/// A shared library that may be absent. Never closed: code of it may run until the program ends.
class SharedLibrary {
 public:
  SharedLibrary() = default;
  /// The named one, or where none is named the first of the others that is there.
  SharedLibrary(const std::string& named, std::initializer_list<const char*> others) {
    if (!named.empty()) {
      open(named.c_str());
      return;
    }
    for (const char* const other : others)
      if (open(other); library_ != nullptr) return;
  }
  bool is_open() const { return library_ != nullptr; }
  /// Why it is not open, or what it lacks; empty where nothing is wrong.
  const std::string& error() const { return error_; }

  template <typename Function>
  void find(const char* name, Function*& function) {
    function = library_ == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(library_, name));
    if (function == nullptr && error_.empty()) error_ = std::string("the driver lacks ") + name;
  }

 private:
  void open(const char* name) {
    library_ = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    error_ = library_ == nullptr ? ::dlerror() : "";
  }

  void* library_ = nullptr;
  std::string error_;
};

}  // namespace assay
