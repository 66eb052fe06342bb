//! What a user says of code besides its name: values for its variables and parameters.

use super::refused;
use crate::{
    code::{self, TemplateOptions, VarFile, parameters_file},
    snapshot::read_text,
    source::{CollectError, Options},
};

/// Values for Terraform and for templates.
#[derive(Debug, Default)]
pub(in crate::source) struct Values {
    pub(super) terraform: code::Options,
    pub(super) templates: TemplateOptions,
}

impl Values {
    /// Reads the files that a user names.
    ///
    /// # Errors
    /// Where one cannot be read, or is not of its form.
    pub(in crate::source) fn read(options: &Options) -> Result<Self, CollectError> {
        let mut values = Self::default();
        for path in &options.var_files {
            let (name, text) = (path.display().to_string(), read_text(path)?);
            let file = VarFile::parse(&name, &text).map_err(|wrong| {
                let line = wrong.place.map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
                let detail = wrong.gap.detail.as_deref().unwrap_or("it is no file of values");
                refused(
                    format!("{name}{line}: {detail}"),
                    "a file of values has lines such as `region = \"us-west-2\"`",
                )
            })?;
            values.terraform.var_files.push(file);
        }
        for path in &options.parameters {
            let (name, text) = (path.display().to_string(), read_text(path)?);
            let read = parameters_file(&name, &text).map_err(|error| {
                let hint = "it is what `aws cloudformation deploy --parameter-overrides file://…` takes";
                refused(error.to_string(), hint)
            })?;
            values.templates.parameters.extend(read);
        }
        // The only region that is named is where templates are deployed.
        if let [region] = options.regions.as_slice() {
            values.templates.region = Some(region.clone());
        }
        Ok(values)
    }
}
