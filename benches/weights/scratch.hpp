#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "kernels/weights/checkpoint.hpp"

namespace assay {

/// The folder for generated files, made when it is first asked for: in $ASSAY_SCRATCH_DIR, or the
/// system's folder for temporary files.
///
/// A run starts this program anew in each round, and a checkpoint takes longer to make than a round
/// has: so files live as long as the process that started this one, where that is the experimenter,
/// and else as long as this one. A helper process waits for its end, however it comes, and
/// removes the folder; each start of this program makes sure that there is one, and removes folders
/// of which neither process is left. The folder is this user's alone.
/// Throws: std::system_error, std::filesystem::filesystem_error; std::runtime_error, where a folder
/// of that name is somebody else's, or open to others.
const std::filesystem::path& scratch_folder();

/// A checkpoint of that shape in the scratch folder: generated, and on the disk, when it is first
/// asked for; one that is there is taken if it is whole and has that shape. A sparse one has no
/// values but zeros and takes no disk. Throws: std::runtime_error "not run: ...", where the disk
/// has no room; else as the above.
std::string scratch_checkpoint(const std::string& name, const ModelShape& shape, bool is_sparse);

}  // namespace assay
