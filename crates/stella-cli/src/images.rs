//! Images, and what is attached to them: in layout directories, and in registries for the two commands that may ask one.

use stella_oci::registry::{Access, AccessError, Credentials, Registry, RegistryError};
use stella_oci::{
    Added, Attached, Image, Layout, LeftOut, Limits, NewReferrer, OciError, Reference, RegistryReference,
};
use stella_vocabulary::{Code, Reason as _};

use crate::arguments::ImageOptions;
use crate::complaint::Complaint;
use crate::context::{self, Context, Ticks};
use crate::input::{Inputs, Kind};
use crate::json::Value;
use crate::refused::quoted;

/// An image in a layout, for commands that open no socket.
#[derive(Debug)]
pub(crate) struct ImageHere {
    layout: Layout,
    image: Image,
}

impl ImageHere {
    /// # Errors
    /// Codes of the family `oci`; `usage.conflict` for an image in a registry.
    pub(crate) fn find(text: &str) -> Result<Self, Complaint> {
        match Reference::parse(text).map_err(|error| complaint(&error, text))? {
            Reference::Layout { directory, pick } => {
                let layout = Layout::open(&directory).map_err(|error| complaint(&error, text))?;
                let image = layout.find(&pick).map_err(|error| complaint(&error, text))?;
                Ok(Self { layout, image })
            }
            Reference::Registry(_) => Err(Complaint::new(
                Code::UsageConflict,
                "this image is in a registry, and commands that verify never use a network",
            )
            .place("--image")
            .found(text)
            .expected("the directory of an OCI image layout: DIR, DIR:TAG or DIR@sha256:HEX")
            .remedy(format!(
                "stella attest import --image {}, and then stella verify artifact --digest sha256:HEX",
                quoted(text)
            ))),
        }
    }

    pub(crate) const fn image(&self) -> &Image {
        &self.image
    }

    /// What is attached to it.
    pub(crate) fn attached(&self) -> Result<Attached, Complaint> {
        self.layout.attached(&self.image, &Limits::default()).map_err(|error| complaint(&error, self.image.name()))
    }
}

/// Where an image is.
pub(crate) enum Place<'a> {
    Layout(Layout, stella_oci::Pick),
    Registry(Box<Registry<'a>>),
}

impl<'a> Place<'a> {
    /// Opens a layout, or gets ready to ask a registry.
    ///
    /// # Errors
    /// Codes of the family `oci`; `fetch.url_refused` for a registry while the network is switched off.
    pub(crate) fn open(
        text: &str,
        options: &ImageOptions,
        clock: &'a Ticks,
        context: &Context,
    ) -> Result<Self, Complaint> {
        match Reference::parse(text).map_err(|error| complaint(&error, text))? {
            Reference::Layout { directory, pick } => {
                let layout = Layout::open(&directory).map_err(|error| complaint(&error, text))?;
                Ok(Self::Layout(layout, pick))
            }
            Reference::Registry(reference) => {
                let access = access(&reference, options, clock, context)?;
                match Registry::new(&reference, access) {
                    Ok(registry) => Ok(Self::Registry(Box::new(registry))),
                    Err(RegistryError::Oci(error)) => Err(complaint(&error, text)),
                    Err(error) => Err(Complaint::of(&error, "fetch_ca_file")),
                }
            }
        }
    }

    pub(crate) fn find(&mut self) -> Result<Image, OciError> {
        match self {
            Self::Layout(layout, pick) => layout.find(pick),
            Self::Registry(registry) => registry.find(),
        }
    }

    pub(crate) fn attached(&mut self, image: &Image) -> Result<Attached, OciError> {
        match self {
            Self::Layout(layout, _) => layout.attached(image, &Limits::default()),
            Self::Registry(registry) => registry.attached(image, &Limits::default()),
        }
    }

    pub(crate) fn attach(&mut self, image: &Image, new: &NewReferrer, clock: &Ticks) -> Result<Added, OciError> {
        match self {
            Self::Layout(layout, _) => layout.attach(image, new, clock),
            Self::Registry(registry) => registry.attach(image, new),
        }
    }
}

fn access<'a>(
    reference: &RegistryReference,
    options: &ImageOptions,
    clock: &'a Ticks,
    context: &Context,
) -> Result<Access<'a>, Complaint> {
    let settings = context.settings()?;
    if settings.offline.value {
        return Err(Complaint::new(Code::FetchUrlRefused, "a registry needs the network, which is switched off")
            .place(settings.offline.origin.to_string())
            .found("offline")
            .expected("a network, or the directory of an OCI image layout")
            .remedy("leave --offline out; or copy the image into a directory, and name that"));
    }
    // Servers are judged by the clock: `--at` is about evidence.
    let mut access = Access::new(context.now, clock).credentials(credentials(reference, options)?);
    if let Some(ranges) = &settings.fetch_allow_addresses {
        access = ranges.value.iter().fold(access, |access, range| access.danger_allow_address(*range));
    }
    if let Some(file) = &settings.fetch_ca_file {
        let pem = Inputs::default().read(&file.value, Kind::Certificate)?;
        access = access.trust_authorities(&pem).map_err(|error| unusable(&error, &file.value.display().to_string()))?;
    }
    Ok(if options.danger_plain_http { access.danger_plain_http() } else { access })
}

/// Name and password: of the environment, of the file that was named, or of the configuration of Docker, if there is one.
fn credentials(reference: &RegistryReference, options: &ImageOptions) -> Result<Option<Credentials>, Complaint> {
    let environment = "STELLA_REGISTRY_USER and STELLA_REGISTRY_PASSWORD";
    match context::registry_password() {
        (Some(user), Some(password)) => {
            return Credentials::new(&user, &password).map(Some).map_err(|error| unusable(&error, environment));
        }
        (None, None) => {}
        _ => {
            return Err(Complaint::new(
                Code::UsageConflict,
                "a name without a password is none, and the other way round",
            )
            .place(environment)
            .found("one of the two")
            .expected("both")
            .remedy("set both, or none"));
        }
    }
    let (path, named) = match &options.registry_config {
        Some(path) => (path.clone(), true),
        None => match context::docker_config_file() {
            Some(path) => (path, false),
            None => return Ok(None),
        },
    };
    if !named && !path.is_file() {
        return Ok(None);
    }
    let bytes = Inputs::default().read(&path, Kind::RegistryConfig)?;
    Credentials::from_docker_config(&bytes, &reference.host)
        .map_err(|error| unusable(&error, &path.display().to_string()))
}

fn unusable(error: &AccessError, place: &str) -> Complaint {
    Complaint::of(error, place)
}

/// What to say of an error about the image that `text` names.
pub(crate) fn complaint(error: &OciError, text: &str) -> Complaint {
    let quoted = quoted(text);
    let complaint = Complaint::reported(error);
    let complaint = match error.place() {
        Some(_) => complaint,
        None => complaint.place("--image"),
    };
    let remedy = match error.code() {
        Code::FetchAddressRefused => {
            "if it really is in a network of your own: stella config set fetch_allow_addresses RANGE".to_string()
        }
        Code::FetchTls => {
            "have the server mended; or, for an authority of your own: stella config set fetch_ca_file FILE".to_string()
        }
        Code::FetchUnauthorized => {
            "set STELLA_REGISTRY_USER and STELLA_REGISTRY_PASSWORD, or say --registry-config FILE".to_string()
        }
        Code::FetchUrlRefused => format!("see stella explain {}", error.code()),
        Code::FetchDns | Code::FetchIncomplete | Code::FetchStatus | Code::FetchTimeout | Code::StoreBusy => {
            "run the command again; nothing is taken in or attached twice".to_string()
        }
        Code::OciReferenceInvalid => {
            "say DIR:TAG or DIR@sha256:HEX for a directory, HOST/NAME:TAG for a registry".to_string()
        }
        Code::OciLayoutInvalid => "name the directory that holds oci-layout; for a registry, HOST/NAME:TAG".to_string(),
        Code::OciNotFound => format!("check what {quoted} names"),
        Code::OciDigestMismatch => "copy or fetch the image again; its content is damaged or was changed".to_string(),
        code => format!("stella explain {code}"),
    };
    complaint.remedy(remedy)
}

/// `cosign-tag sha256:…: error[…]: …`
pub(crate) fn left_out_text(left_out: &LeftOut) -> String {
    let why = Complaint::reported(left_out.why()).line();
    let why = why.trim_end().split("; try: ").next().unwrap_or_default().to_string();
    let why = why.strip_prefix("error").unwrap_or(&why).to_string();
    format!("{} {why}", left_out.how().as_str())
}

pub(crate) fn left_out_json(left_out: &LeftOut) -> Value {
    Value::object([
        ("digest", Value::text(left_out.place())),
        ("how", Value::text(left_out.how().as_str())),
        ("broken", Value::Bool(left_out.is_broken())),
        ("error", Complaint::reported(left_out.why()).json()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_in_a_registry_is_told_how_it_comes_in() {
        let complaint = ImageHere::find("ghcr.io/acme/app:v1").unwrap_err();
        assert_eq!(complaint.code(), Code::UsageConflict);
        assert!(complaint.line().contains("stella attest import --image ghcr.io/acme/app:v1"), "{}", complaint.line());
    }
}
